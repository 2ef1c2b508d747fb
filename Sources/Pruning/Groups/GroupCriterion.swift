/// A criterion that also scores whole channels, alone or coupled.
///
/// Channels that belong together (a residual sum ties the outputs of all its branches to one
/// another) can only go together, so their members' scores make one. This version's commands prune
/// weights; whoever prunes channels ranks them by these.
public protocol GroupCriterion: Criterion {
  /// What `ChannelSlices.sensitivities` must hold; nil where weights alone are looked at.
  var channelSensitivity: Sensitivity? { get }

  /// One score for each channel, from one member of its group: the lowest goes first.
  func channelScores(of slices: ChannelSlices) -> [Double]
}

extension GroupCriterion {
  public var channelSensitivity: Sensitivity? { sensitivities.first }

  /// One score for each channel of a group: the members' scores, made one by `combination`, over
  /// their mean, so that groups can be ranked against each other (the reduction of Torch-Pruning, as
  /// Fang, Ma, Song, Mi, Wang 2023, arXiv 2301.12900, describe it). A group whose mean is 0 scores 0.
  ///
  /// `members` are of one number of channels.
  public func groupScores(
    of members: [ChannelSlices], combination: ChannelCombination = .mean
  ) -> [Double] {
    let scores = combination.combine(members.map(channelScores))
    let mean = scores.reduce(0, +) / Double(max(1, scores.count))
    return mean == 0 ? scores.map { _ in 0 } : scores.map { $0 / mean }
  }
}

/// How the scores that the members of a group give a channel become one.
public enum ChannelCombination: String, Sendable, CaseIterable {
  case mean, sum, max, product, first

  /// `scores[member][channel]` → one for each channel; members are of one number of channels.
  public func combine(_ scores: [[Double]]) -> [Double] {
    guard let first = scores.first else { return [] }
    precondition(scores.allSatisfy { $0.count == first.count }, "a score for each channel")
    return first.indices.map { channel in
      let own = scores.map { $0[channel] }
      return switch self {
      case .mean: own.reduce(0, +) / Double(own.count)
      case .sum: own.reduce(0, +)
      case .max: own.reduce(first[channel], Swift.max)
      case .product: own.reduce(1, *)
      case .first: first[channel]
      }
    }
  }
}
