import Tensors

/// How much of the flow of gradients is lost with a weight. The authors' score is
///
///     s(w) = −w · (H g)
///
/// of the mean loss on as many samples of each class, H and g by the candidates' weights, and the
/// weights of the largest s go first: without them, the norm of the gradient is the larger. Scores here
/// are the other way round and begin at 0, `max(s) − s`, which leaves the order as it is: s may be
/// negative. So a score by itself says nothing, and there is no threshold for it.
///
/// As in the authors' code, logits are divided by a temperature of 200 before the loss is taken: all
/// classes are then about as likely, and what is looked at is less which class is right than how far
/// the logits move.
public struct GraSP: Criterion {
  /// Nil for the authors' 200, where the loss is one of logits.
  public var temperature: Double?

  public init(temperature: Double? = nil) { self.temperature = temperature }
  public var name: String { "grasp" }
  public var summary: String {
    "whose loss leaves the gradient largest, on as many samples of each class"
  }
  public var source: String { "Wang, Zhang, Grosse 2020, arXiv 2002.07376" }
  public var needs: CriterionNeeds { .relativeScores }
  public var sensitivities: [Sensitivity] {
    [Sensitivity(.hessianGradient(temperature: temperature), on: .balanced)]
  }

  public func scores(of candidates: [Candidate], in context: ScoringContext) throws -> [[Double]] {
    // −s of every weight; nothing of those that are zero or not finite.
    var scores = try candidates.map { candidate in
      let product = try candidate.sensitivity(sensitivities[0], for: self, file: context.file)
      return try [Double](of: candidate, product) { $0 * $1 }
    }
    var least = 0.0
    for tensor in scores { for score in tensor where score < least { least = score } }
    for tensor in scores.indices {
      try scores[tensor].fillBlocks { [least] _, block in
        for i in block.indices { block[i] -= least }
      }
    }
    return scores
  }

  public func configured(_ settings: CriterionSettings) -> any Criterion {
    GraSP(temperature: settings.temperature ?? temperature)
  }
}
