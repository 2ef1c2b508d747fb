/// What one member of a group of coupled channels says of each channel: the weights that would go
/// with it, and what is known of them.
///
/// A kernel that makes the channels gives a slice of its last axis for each, a kernel that takes
/// them a slice of the axis before, a batch normalisation one gamma. Slices of a member are of one
/// length.
public struct ChannelSlices: Sendable {
  /// `[channels][weights of a slice]`
  public var weights: [[Double]]
  /// Of the same shape: what `GroupCriterion.sensitivity` asks for; empty where nothing is.
  public var sensitivities: [[Double]]

  public init(weights: [[Double]], sensitivities: [[Double]] = []) {
    precondition(
      sensitivities.isEmpty || sensitivities.map(\.count) == weights.map(\.count),
      "a sensitivity for each weight, or none")
    self.weights = weights
    self.sensitivities = sensitivities
  }

  /// Of each channel the sum of `score` over its weights; the sensitivity is 0 where there is none.
  func sums(_ score: (_ weight: Double, _ sensitivity: Double) -> Double) -> [Double] {
    weights.indices.map { channel in
      weights[channel].indices.reduce(0) { sum, index in
        sum
          + score(
            weights[channel][index],
            sensitivities.isEmpty ? 0 : sensitivities[channel][index])
      }
    }
  }
}
