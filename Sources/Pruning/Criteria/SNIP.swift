import Tensors

/// How much of the loss hangs on a connection:
///
///     score(w) = |g · w| / Σ |g · w|
///
/// with the gradient of the mean loss on one batch that holds as many samples of each class. Made for
/// networks at their initialisation; the sum is over all candidates.
public struct SNIP: Criterion {
  public init() {}
  public var name: String { "snip" }
  public var summary: String {
    "the smallest share of the loss's sensitivity to connections, on as many samples of each class"
  }
  public var source: String { "Lee, Ajanthan, Torr 2019, arXiv 1810.02340" }
  public var sensitivities: [Sensitivity] { [Sensitivity(.gradient, on: .balanced)] }

  public func scores(of candidates: [Candidate], in context: ScoringContext) throws -> [[Double]] {
    var scores = try candidates.map { candidate in
      let gradient = try candidate.sensitivity(sensitivities[0], for: self, file: context.file)
      return try [Double](of: candidate, gradient) { ($0 * $1).magnitude }
    }
    let sum = scores.reduce(0) { $0 + $1.reduce(0, +) }
    guard sum > 0 else { return scores }
    for tensor in scores.indices {
      try scores[tensor].fillBlocks { _, block in for i in block.indices { block[i] /= sum } }
    }
    return scores
  }
}
