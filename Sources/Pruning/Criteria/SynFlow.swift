/// How much of the flow through the network passes a weight, without data:
///
///     score(w) = |∂R/∂|w| · w|,  R = the sum of outputs
///
/// of the network of magnitudes: every kernel and gamma by its absolute value, biases and means 0,
/// activations left out, ones at the inputs. In a chain the scores of every layer sum to the same number, so no
/// layer is emptied where this is done little by little: every pruning event is made in `rounds`
/// rounds, scored anew each, with keep^(k/rounds) of the weights left after round k.
public struct SynFlow: Criterion {
  public var rounds: Int

  public init(rounds: Int = 100) {
    precondition(rounds >= 1)
    self.rounds = rounds
  }

  public var name: String { "synflow" }
  public var summary: String { "the smallest flow through the network of magnitudes, without data" }
  public var source: String { "Tanaka, Kunin, Yamins, Ganguli 2020, arXiv 2006.05467" }
  public var needs: CriterionNeeds { .globalScope }
  public var sensitivities: [Sensitivity] { [Sensitivity(.flow, on: .none)] }

  public func scores(of candidates: [Candidate], in context: ScoringContext) throws -> [[Double]] {
    try candidates.map { candidate in
      let flow = try candidate.sensitivity(sensitivities[0], for: self, file: context.file)
      return try [Double](of: candidate, flow) { ($0 * $1).magnitude }
    }
  }

  public func configured(_ settings: CriterionSettings) -> any Criterion {
    SynFlow(rounds: settings.rounds ?? rounds)
  }
}
