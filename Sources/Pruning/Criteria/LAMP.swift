import Parallel
import Tensors

/// Layer-adaptive magnitude: w² over the sum of the squares of all weights of the tensor that are
/// not smaller,
///
///     score(u) = w_u² / Σ_{v ≥ u} w_v²,   v ≥ u in the order (|w|, index).
///
/// The largest weight of every tensor scores 1, so one ranking over all tensors finds each tensor's
/// own sparsity and none is emptied. Inside a tensor the order is that of magnitude. Weights that
/// are zero or not finite take no part; sums are made in double precision from the largest down.
public struct LAMP: Criterion {
  public init() {}
  public var name: String { "lamp" }
  public var summary: String {
    "the smallest share of w² among the weights of its layer that are as large"
  }
  public var source: String { "Lee, Park, Mo, Ahn, Shin 2021, arXiv 2010.07611" }
  public var needs: CriterionNeeds { [.globalScope, .oneKeptPerTensor] }

  public func scores(of candidates: [Candidate], in context: ScoringContext) throws -> [[Double]] {
    try Parallel.map(candidates.count) { index in
      let candidate = candidates[index]
      let order = try MagnitudeOrder(candidate.values)
      var scores = [Double](repeating: 0, count: candidate.count)
      var scale = 0.0
      var sum = 0.0
      order.forEachDescending { index, magnitude in
        guard magnitude.isFinite, magnitude > 0 else { return }
        // Relative to the largest, by a power of two: no square overflows, no digit is lost.
        if scale == 0 {
          scale = Double(sign: .plus, exponent: -max(magnitude.exponent, -1022), significand: 1)
        }
        let square = (magnitude * scale) * (magnitude * scale)
        sum += square
        scores[index] = square / sum
      }
      return scores
    }
  }
}
