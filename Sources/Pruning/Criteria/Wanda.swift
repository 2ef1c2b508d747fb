import Parallel
import Tensors

/// How much a weight adds to its output on calibration data:
///
///     score(w_ij) = |w_ij| · ‖x_j‖₂
///
/// with the norm of input j over all rows of calibration data (`InputNorms`). No labels, no
/// gradients. Its authors compare within each output, which is the scope `output`.
///
/// In global scope each tensor's scores are divided by their Euclidean norm, as `Lookahead`'s are:
/// rows are as many as a layer has positions, and would decide alone.
public struct Wanda: Criterion {
  public init() {}
  public var name: String { "wanda" }
  public var summary: String { "the smallest |w| times the norm of its input on calibration data" }
  public var source: String { "Sun, Liu, Bair, Kolter 2023, arXiv 2306.11695" }
  public var needs: CriterionNeeds { .activations }
  public var ownScope: Scope { .output }

  public func scores(of candidates: [Candidate], in context: ScoringContext) throws -> [[Double]] {
    try Parallel.map(candidates.count) { index in
      let candidate = candidates[index]
      guard let inputs = candidate.inputs, inputs.count == candidate.count else {
        throw PruningError.inputsUnknown(
          file: context.file, tensor: candidate.name, criterion: name)
      }
      // First the norms in the order of the elements, then each times its weight.
      var scores = [Double](repeating: 0, count: candidate.count)
      for part in inputs.parts {
        let matrices = part.matrices
        for group in 0..<matrices.groups {
          for input in 0..<matrices.inputs {
            let norm = part.norms[group * matrices.inputs + input]
            for output in 0..<matrices.outputs {
              scores[matrices.element(group: group, input: input, output: output)] = norm
            }
          }
        }
      }
      try scores.fillBlocks { range, block in
        try candidate.values.withDoubles(range) { weights in
          for i in block.indices {
            let weight = weights.loadUnaligned(fromByteOffset: 8 * i, as: Double.self).magnitude
            block[i] = weight.isFinite ? block[i] * weight : 0
          }
        }
      }
      if context.scope == .global { try scores.scaleToUnitNorm() }
      return scores
    }
  }
}
