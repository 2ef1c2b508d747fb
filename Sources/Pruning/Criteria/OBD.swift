/// How much the loss changes when a weight goes, to second order (optimal brain damage):
///
///     score(w) = ½ · h · w²,  h = ∂²L/∂w² of the mean loss
///
/// with h from the Gauss–Newton matrix, which leaves out the network's own curvature and is never
/// negative, or estimated from the Hessian itself, where what is below 0 counts as 0.
public struct OBD: Criterion {
  public enum Curvature: String, Sendable, CaseIterable { case ggn, hutchinson }

  public var curvature: Curvature

  public init(_ curvature: Curvature = .ggn) { self.curvature = curvature }

  public var name: String { "obd" }
  public var summary: String {
    "the smallest change of the loss to second order, on labelled data"
  }
  public var source: String { "LeCun, Denker, Solla 1990, Optimal Brain Damage" }
  public var sensitivities: [Sensitivity] {
    [Sensitivity(curvature == .ggn ? .gaussNewton : .hessianDiagonal)]
  }

  public func scores(of candidates: [Candidate], in context: ScoringContext) throws -> [[Double]] {
    try candidates.map { candidate in
      let diagonal = try candidate.sensitivity(sensitivities[0], for: self, file: context.file)
      return try [Double](of: candidate, diagonal) { 0.5 * max(0, $1) * ($0 * $0) }
    }
  }

  public func configured(_ settings: CriterionSettings) -> any Criterion {
    OBD(settings.curvature ?? curvature)
  }
}

extension OBD: GroupCriterion {
  /// Σ ½·h·w² of the slice; what lies between its weights is left out, as in the form for weights.
  public func channelScores(of slices: ChannelSlices) -> [Double] {
    slices.sums { weight, curvature in 0.5 * max(0, curvature) * (weight * weight) }
  }
}
