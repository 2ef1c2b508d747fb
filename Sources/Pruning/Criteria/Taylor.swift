/// How much the loss changes when a weight goes, to first order:
///
///     score(w) = |g · w|,  g = ∂L/∂w of the mean loss over samples
///
/// For single weights the squared form gives the same order.
public struct Taylor: Criterion {
  /// How what a channel's weights say becomes one number. Single weights are ranked alike by all
  /// three.
  public enum ChannelForm: String, Sendable, CaseIterable {
    /// Each weight by itself.
    case single
    /// The weights together: their signs tell.
    case several, square
  }

  public var form: ChannelForm

  public init(_ form: ChannelForm = .single) { self.form = form }
  public var name: String { "taylor" }
  public var summary: String { "the smallest change of the loss to first order, on labelled data" }
  public var source: String {
    "Molchanov, Tyree, Karras, Aila, Kautz 2017, arXiv 1611.06440; 2019, arXiv 1906.10771"
  }
  public var sensitivities: [Sensitivity] { [Sensitivity(.gradient)] }

  public func scores(of candidates: [Candidate], in context: ScoringContext) throws -> [[Double]] {
    try candidates.map { candidate in
      let gradient = try candidate.sensitivity(
        Sensitivity(.gradient), for: self, file: context.file)
      return try [Double](of: candidate, gradient) { ($0 * $1).magnitude }
    }
  }
}

extension Taylor: GroupCriterion {
  /// Σ|g·w| of the slice; |Σg·w| in the form of several variables; its square, as Molchanov and
  /// others rank since 2019.
  public func channelScores(of slices: ChannelSlices) -> [Double] {
    switch form {
    case .single: slices.sums { ($0 * $1).magnitude }
    case .several: slices.sums { $0 * $1 }.map(\.magnitude)
    case .square: slices.sums { $0 * $1 }.map { $0 * $0 }
    }
  }
}
