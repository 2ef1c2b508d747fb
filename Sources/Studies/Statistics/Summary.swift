/// The mean of a few numbers and how far it can be trusted.
public struct Summary: Sendable, Equatable {
  public let count: Int
  public let mean: Double
  /// With the divisor n - 1; nil of fewer than two numbers.
  public let deviation: Double?

  /// Nil of no number.
  public init?(_ numbers: [Double]) {
    guard !numbers.isEmpty else { return nil }
    count = numbers.count
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    self.mean = mean
    guard count > 1 else {
      deviation = nil
      return
    }
    let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    deviation = (squares / Double(count - 1)).squareRoot()
  }

  /// Half of the mean's interval: t·s ÷ √n. Nil of fewer than two numbers.
  public func halfWidth(confidence: Double = 0.95) -> Double? {
    deviation.map {
      StudentT.quantile(degrees: count - 1, confidence: confidence) * $0
        / Double(count).squareRoot()
    }
  }

  /// The mean's 95 % interval; nil of fewer than two numbers, or where some are not finite.
  public var interval: ClosedRange<Double>? {
    guard let half = halfWidth(), (mean - half).isFinite, (mean + half).isFinite else { return nil }
    return mean - half...mean + half
  }
}

/// Two ways compared on the same seeds.
public struct PairedDifference: Sendable, Equatable {
  public enum Verdict: String, Sendable, Equatable {
    case first, second, tie
    /// No interval: fewer than two seeds, or results that are not finite.
    case unknown
  }

  /// Of first - second.
  public let difference: Summary
  /// Which one is better; a tie where the 95 % interval reaches 0.
  public let verdict: Verdict

  /// The pairs have a seed each. Nil of no pair.
  public init?(_ pairs: [(first: Double, second: Double)], better direction: Monitor.Direction) {
    guard let difference = Summary(pairs.map { $0.first - $0.second }) else { return nil }
    self.difference = difference
    if let interval = difference.interval {
      let firstIsHigher = interval.lowerBound > 0
      let secondIsHigher = interval.upperBound < 0
      verdict =
        !firstIsHigher && !secondIsHigher
        ? .tie : firstIsHigher == (direction == .rises) ? .first : .second
    } else {
      verdict = .unknown
    }
  }
}
