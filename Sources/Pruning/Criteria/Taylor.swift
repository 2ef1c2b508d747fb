/// How much the loss changes when a weight goes, to first order:
///
///     score(w) = |g · w|,  g = ∂L/∂w of the mean loss over samples
///
/// or, as Molchanov and others rank since 2019, the mean over mini-batches of (g · w)², with g the mean
/// gradient of the mini-batch: what changes the loss to and fro counts there, and cancels here.
public struct Taylor: Criterion {
  /// How the products g·w of what goes as one become a score.
  public enum Form: String, Sendable, CaseIterable {
    /// Σ|g·w|, of the mean gradient: each weight by itself.
    case abs
    /// |Σ g·w|, of the mean gradient: signs tell. A single weight scores as in `abs`.
    case multi
    /// (Σ g·w)², the mean over mini-batches.
    case square
  }

  public var form: Form

  public init(_ form: Form = .abs) { self.form = form }
  public var name: String { "taylor" }
  public var summary: String { "the smallest change of the loss to first order, on labelled data" }
  public var source: String {
    "Molchanov, Tyree, Karras, Aila, Kautz 2017, arXiv 1611.06440; 2019, arXiv 1906.10771"
  }
  public var sensitivities: [Sensitivity] {
    [Sensitivity(form == .square ? .batchSquaredGradient : .gradient)]
  }

  public func scores(of candidates: [Candidate], in context: ScoringContext) throws -> [[Double]] {
    try candidates.map { candidate in
      let told = try candidate.sensitivity(sensitivities[0], for: self, file: context.file)
      return form == .square
        ? try [Double](of: candidate, told) { $0 * $0 * $1 }
        : try [Double](of: candidate, told) { ($0 * $1).magnitude }
    }
  }

  public func configured(_ settings: CriterionSettings) -> any Criterion {
    Taylor(settings.taylorForm ?? form)
  }
}

extension Taylor: GroupCriterion {
  /// In every form the gradient: that of a mini-batch in `square`, whose scores are then averaged.
  public var channelSensitivity: Sensitivity? { Sensitivity(.gradient) }

  public func channelScores(of slices: ChannelSlices) -> [Double] {
    switch form {
    case .abs: slices.sums { ($0 * $1).magnitude }
    case .multi: slices.sums { $0 * $1 }.map(\.magnitude)
    case .square: slices.sums { $0 * $1 }.map { $0 * $0 }
    }
  }
}
