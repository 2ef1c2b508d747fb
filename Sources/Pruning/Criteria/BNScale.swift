import Tensors

/// How much a channel is let through by the batch normalisation that follows:
///
///     score(w) = |gamma of the weight's output channel|
///
/// (network slimming). All weights of a channel score the same, so single weights go channel by
/// channel, in the order in which they are stored. It says much of networks that were trained with a
/// penalty on gamma, and little of others. In pruning with training, gammas are those of the network as it
/// was trained by then.
public struct BNScale: Criterion {
  public init() {}
  public var name: String { "bn-scale" }
  public var summary: String {
    "the smallest |gamma| of the batch normalisation behind its output channel"
  }
  public var source: String { "Liu, Li, Shen, Huang, Yan, Zhang 2017, arXiv 1708.06519" }
  public var needs: CriterionNeeds { .neighbours }

  public func scores(of candidates: [Candidate], in context: ScoringContext) throws -> [[Double]] {
    try candidates.map { candidate in
      let layout = candidate.kernel.layout
      guard let gammas = candidate.neighbours?.gammas, gammas.count == layout.outputs else {
        throw PruningError.noGamma(file: context.file, tensor: candidate.name)
      }
      return try [Double](count: candidate.count) { range, scores in
        layout.forEachPlace(in: range) { i, _, output in scores[i] = gammas[output].magnitude }
      }
    }
  }
}

extension BNScale: GroupCriterion {
  /// |gamma|: a member is a batch normalisation, its slices are of one weight.
  public func channelScores(of slices: ChannelSlices) -> [Double] {
    slices.sums { gamma, _ in gamma.magnitude }
  }
}
