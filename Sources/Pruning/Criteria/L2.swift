/// The L2 norm of a weight by itself, sqrt(w²) = |w|: the same scores as `Magnitude`, weight by
/// weight. The two differ for slices, where L2 lets one large weight speak for its neighbours.
public struct L2: Criterion {
  public init() {}
  public var name: String { "l2" }
  public var summary: String { "the smallest w², in the order of magnitude" }
  public var source: String { "Han, Pool, Tran, Dally 2015, arXiv 1506.02626" }
  public var needs: CriterionNeeds { .onlyMagnitude }

  public func scores(of candidates: [Candidate], in context: ScoringContext) throws -> [[Double]] {
    try Magnitude().scores(of: candidates, in: context)
  }
}

extension L2: GroupCriterion {
  /// Σw² of the slice: the square of its L2 norm, in which form members of a group add up to the norm
  /// of the whole.
  public func channelScores(of slices: ChannelSlices) -> [Double] {
    slices.sums { weight, _ in weight * weight }
  }
}
