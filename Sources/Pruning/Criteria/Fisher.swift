/// How much the loss changes when a weight goes, to second order, with the diagonal of the empirical
/// Fisher information in place of the Hessian:
///
///     score(w) = ½ · F · w²,  F = mean over samples of (∂L_sample/∂w)²
///
/// Squares are taken sample by sample; the square of a batch's mean gradient is another number. `hessian`
/// is another name of it: what the one-shot and iterative study (arXiv 2508.13836) ran under that name.
public struct Fisher: Criterion {
  public init() {}
  public var name: String { "fisher" }
  public var summary: String {
    "the smallest change of the loss by the empirical Fisher information, on labelled data"
  }
  public var source: String {
    "Theis, Korshunova, Tejani, Huszár 2018, arXiv 1801.05787; LeCun, Denker, Solla 1990"
  }
  public var sensitivities: [Sensitivity] { [Sensitivity(.squaredGradient)] }

  public func scores(of candidates: [Candidate], in context: ScoringContext) throws -> [[Double]] {
    try candidates.map { candidate in
      let squares = try candidate.sensitivity(
        Sensitivity(.squaredGradient), for: self, file: context.file)
      return try [Double](of: candidate, squares) { 0.5 * $1 * ($0 * $0) }
    }
  }
}

extension Fisher: GroupCriterion {
  /// Σ ½·F·w² of the slice.
  public func channelScores(of slices: ChannelSlices) -> [Double] {
    slices.sums { weight, square in 0.5 * square * (weight * weight) }
  }
}
