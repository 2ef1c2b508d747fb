import Testing

@testable import Pruning

/// The vectors of Torch-Pruning's reductions and of the formulas, computed by hand.
struct GroupCriterionTests {
  private let first = ChannelSlices(
    weights: [[1, -2], [0.5, 0.5], [2, 0]],
    sensitivities: [[0.1, 0.2], [-0.4, 0.1], [0.05, 0.3]])
  /// The kernel behind: one weight for each of its inputs.
  private let second = ChannelSlices(
    weights: [[1], [-1], [0.5]], sensitivities: [[0.3], [0.2], [-0.6]])

  private func expect(
    _ found: [Double], _ expected: [Double], _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(found.count == expected.count, sourceLocation: location)
    for (a, b) in zip(found, expected) {
      #expect(abs(a - b) < 1e-8, "\(found)", sourceLocation: location)
    }
  }

  @Test func normsOrderFiltersDifferently() {
    let filters = ChannelSlices(weights: [[3, -4], [1, 1], [0, -2]])
    expect(Magnitude().channelScores(of: filters), [7, 2, 2])
    expect(L2().channelScores(of: filters).map { $0.squareRoot() }, [5, 1.41421356237, 2])
  }

  @Test func squaresOfAGroup() {
    expect(L2().channelScores(of: first), [5, 0.5, 4])
    expect(L2().channelScores(of: second), [1, 1, 0.25])
    expect(L2().groupScores(of: [first, second]), [1.53191489, 0.38297872, 1.08510638])
  }

  @Test func taylorOfAGroup() {
    expect(Taylor().channelScores(of: first), [0.5, 0.25, 0.1])
    expect(Taylor().channelScores(of: second), [0.3, 0.2, 0.3])
    expect(Taylor().groupScores(of: [first, second]), [1.45454545, 0.81818182, 0.72727273])
    // With signs the order of the last two turns round.
    let several = Taylor(.multi)
    expect(several.channelScores(of: first), [0.3, 0.15, 0.1])
    expect(
      several.groupScores(of: [first, second]), [0.3, 0.175, 0.2].map { $0 / 0.225 })
    let channel = ChannelSlices(weights: [[1, -2, 3]], sensitivities: [[0.5, 0.1, -0.2]])
    expect(Taylor().channelScores(of: channel), [1.3])
    expect(several.channelScores(of: channel), [0.3])
    expect(Taylor(.square).channelScores(of: channel), [0.09])
  }

  @Test func secondOrderAddsUp() {
    let fisher = ChannelSlices(weights: [[2, 1]], sensitivities: [[1, 2]])
    expect(Fisher().channelScores(of: fisher), [3])
    let curved = ChannelSlices(weights: [[1, -2, 3], [1, 1, 1]], sensitivities: [[2, 0.5, 1], [-1, 0, 2]])
    expect(OBD().channelScores(of: curved), [6.5, 1])
  }

  @Test func gammasOfAGroup() {
    let gammas = ChannelSlices(weights: [[0.9], [-0.01], [0.5], [0.2]])
    let scores = BNScale().groupScores(of: [gammas])
    #expect(scores.indices.sorted { scores[$0] < scores[$1] } == [1, 3, 2, 0])
  }

  @Test func combinations() {
    let scores: [[Double]] = [[1, 4], [3, 2]]
    #expect(ChannelCombination.mean.combine(scores) == [2, 3])
    #expect(ChannelCombination.sum.combine(scores) == [4, 6])
    #expect(ChannelCombination.max.combine(scores) == [3, 4])
    #expect(ChannelCombination.product.combine(scores) == [3, 8])
    #expect(ChannelCombination.first.combine(scores) == [1, 4])
    #expect(ChannelCombination.mean.combine([]) == [])
    #expect(L2().groupScores(of: [ChannelSlices(weights: [[0], [0]])]) == [0, 0])
  }
}
