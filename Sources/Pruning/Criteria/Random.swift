import Tensors

/// A number drawn evenly from 0..<1: the floor under every comparison.
///
/// Each tensor has a stream of its own, made of the seed and the tensor's name, so that a tensor more
/// or less changes nothing for the others: SplitMix64 (Steele, Lea, Flood 2014) from a state into
/// which the bytes of the name were mixed one by one. Number i depends on i alone.
public struct Random: Criterion {
  public init() {}
  public var name: String { "random" }
  public var summary: String { "any, by the seed" }
  public var source: String { "seeded draw, the control of every pruning study" }

  public func scores(of candidates: [Candidate], in context: ScoringContext) throws -> [[Double]] {
    try candidates.map { candidate in
      let start = Random.state(seed: context.seed, name: candidate.name)
      return try [Double](count: candidate.count) { range, scores in
        for i in scores.indices {
          let bits = Random.mixed(start &+ Random.step &* UInt64(range.lowerBound + i + 1))
          scores[i] = Double(bits >> 11) * 0x1p-53
        }
      }
    }
  }

  private static let step: UInt64 = 0x9e37_79b9_7f4a_7c15

  private static func state(seed: UInt64, name: String) -> UInt64 {
    name.utf8.reduce(mixed(seed &+ step)) { mixed($0 ^ UInt64($1) &+ step) }
  }

  /// SplitMix64's output function.
  private static func mixed(_ state: UInt64) -> UInt64 {
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
