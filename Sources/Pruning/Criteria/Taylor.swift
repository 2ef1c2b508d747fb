/// How much the loss changes when a weight goes, to first order:
///
///     score(w) = |g · w|,  g = ∂L/∂w of the mean loss over samples
///
/// For single weights the squared form gives the same order.
public struct Taylor: Criterion {
  public init() {}
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
