import Tensors

/// The candidates of a run with the keys that a criterion gives their weights.
struct KeyedTensors {
  let candidates: [Candidate]
  let keys: [any KeySource]
  /// Whether keys are magnitudes, and not scores.
  let areMagnitudes: Bool
  let plan: PrunePlan
  let file: String

  /// Scores the candidates. Throws `PruningError.notFloat`, `badScore`, what the criterion throws and
  /// what the sources throw.
  init(_ candidates: [Candidate], plan: PrunePlan, file: String) throws {
    self.candidates = candidates
    self.plan = plan
    self.file = file
    for candidate in candidates where !candidate.values.type.isFloat {
      throw PruningError.notFloat(
        file: file, tensor: candidate.name, type: candidate.values.type.description)
    }
    areMagnitudes = plan.criterion.ranksByMagnitude
    if areMagnitudes {
      let width = MagnitudeKeys.width(for: candidates.map(\.values.type))
      keys = candidates.map { MagnitudeKeys($0.values, width: width) }
      return
    }
    let context = ScoringContext(seed: plan.seed, scope: plan.scope, file: file)
    var scores = try plan.criterion.scores(of: candidates, in: context)
    var keys: [any KeySource] = []
    for (index, candidate) in candidates.enumerated() {
      // Handed over, not copied.
      var own: [Double] = []
      swap(&own, &scores[index])
      do {
        keys.append(try ScoreKeys(own, of: candidate.values))
      } catch let bad as ScoreKeys.BadScore {
        throw PruningError.badScore(
          file: file, tensor: candidate.name, index: bad.index, criterion: plan.criterion.name)
      }
    }
    self.keys = keys
  }

  /// The ranking of the tensors at `indices`, once it is known that nothing in them is NaN or
  /// infinite, or that such weights are to be kept.
  func ranking(of indices: [Int]) throws -> Ranking {
    let ranking = try Ranking(indices.map { keys[$0] })
    guard !plan.allowsNonfinite else { return ranking }
    for (place, index) in indices.enumerated() {
      guard let element = try ranking.firstNonfinite(in: place) else { continue }
      let value = try candidates[index].values.doubles(element..<element + 1)[0]
      throw PruningError.nonfinite(
        file: file, tensor: candidates[index].name, index: element, value: value)
    }
    return ranking
  }

  /// The cut below which all scores under `threshold` lie; nil where that is none but zeros.
  func cut(threshold: Double) -> Ranking.Cut? {
    guard threshold > 0 else { return nil }
    let key: UInt64
    if !areMagnitudes {
      // A score's key is one more than its bits.
      key = threshold.bitPattern
    } else if keys.first?.width == .narrow {
      // The lowest float that is not below the threshold, minus one.
      var float = Float(threshold)
      if Double(float) < threshold { float = float.nextUp }
      key = UInt64(float.bitPattern) - 1
    } else {
      key = threshold.bitPattern - 1
    }
    return .after(key)
  }
}
