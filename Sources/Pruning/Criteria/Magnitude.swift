import Tensors

/// |w|. Ranked on the stored bits, exactly, between tensors of any float types.
public struct Magnitude: Criterion {
  public init() {}
  public var name: String { "magnitude" }
  public var summary: String { "the smallest |w|" }
  public var source: String { "Han, Pool, Tran, Dally 2015, arXiv 1506.02626" }
  public var needs: CriterionNeeds { .onlyMagnitude }

  public func scores(of candidates: [Candidate], in context: ScoringContext) throws -> [[Double]] {
    try candidates.map { candidate in
      try [Double](count: candidate.count) { range, scores in
        try candidate.values.withDoubles(range) { weights in
          for i in scores.indices {
            scores[i] = weights.loadUnaligned(fromByteOffset: 8 * i, as: Double.self).magnitude
          }
        }
      }
    }
  }
}

extension Magnitude: GroupCriterion {
  /// Σ|w| of the slice: its L1 norm. Long slices score more than short ones, which only matters
  /// between members: `groupScores` sets groups right.
  public func channelScores(of slices: ChannelSlices) -> [Double] {
    slices.sums { weight, _ in weight.magnitude }
  }
}
