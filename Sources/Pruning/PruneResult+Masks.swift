import Files
import Tensors

extension PruneResult {
  /// What masks from elsewhere (`--mask-in`) make of the candidates: one mask each, with as many bits
  /// as the candidate has weights. Zeros count as pruned even where the mask keeps them. Throws
  /// `PruningError.mask` where a mask does not fit, and what the tensors' sources throw.
  public init(applying masks: [Mask], to candidates: [Candidate], file: String) throws {
    precondition(masks.count == candidates.count)
    self.init(masks: [], tensors: [], steps: [], target: nil)
    for (mask, candidate) in zip(masks, candidates) {
      guard mask.count == candidate.count else {
        throw PruningError.mask(
          file: file, tensor: candidate.name,
          problem: "\(mask.count) bytes for \(candidate.count) weights")
      }
      let width = MagnitudeKeys.width(for: [candidate.values.type])
      let survey = try Ranking([MagnitudeKeys(candidate.values, width: width)]).surveys[0]
      var both = try Mask(nonzero: candidate.values)
      for word in both.words.indices { both.words[word] &= mask.words[word] }
      let selected =
        both.pruned > survey.zeros ? Selected(both, survey) : Selected(unchanged: both, survey)
      self.masks.append(both)
      tensors.append(
        TensorResult(
          name: candidate.name, count: candidate.count, zerosBefore: survey.zeros,
          negativeZerosBefore: survey.negativeZeros, nonfinite: survey.nonfinite,
          pruned: both.pruned, isChanged: selected.isChanged))
    }
    steps = [Step(step: 1, target: nil, pruned: pruned, achieved: achieved)]
  }

  /// Reads the mask of one candidate from its stored form, one byte a weight, 1 for kept and 0 for
  /// pruned. Throws `PruningError.mask` for any other byte, and what `source` throws.
  public static func mask(_ source: any ByteSource, tensor: String, file: String) throws -> Mask {
    do {
      return try Mask(bytes: source)
    } catch MaskError.notABit(let index, let value) {
      throw PruningError.mask(
        file: file, tensor: tensor, problem: "byte \(index) is \(value), not 0 or 1")
    }
  }
}
