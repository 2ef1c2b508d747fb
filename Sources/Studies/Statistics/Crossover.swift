/// Where one way stops being better than the other: the mean difference goes through zero.
public struct Crossover: Sendable, Equatable {
  /// The ratio, by linear interpolation between the measured ones.
  public let ratio: Double
  /// Between these ratios the 95 % interval of the difference, interpolated likewise, holds zero.
  public let interval: ClosedRange<Double>
  /// Whether the interval ends where the measurements do, and so may be longer.
  public let isOpenBelow: Bool
  public let isOpenAbove: Bool

  /// All changes of sign, from low ratios to high; none where the sign stays. `differences` rise by
  /// their ratio.
  public static func all(in differences: [(ratio: Double, difference: Summary)]) -> [Crossover] {
    let means = differences.map { ($0.ratio, $0.difference.mean) }
    let signed = means.indices.filter { means[$0].1 != 0 }
    return zip(signed, signed.dropFirst()).compactMap { low, high in
      let (a, b) = (means[low], means[high])
      guard (a.1 > 0) != (b.1 > 0) else { return nil }
      // Where several differences in between are exactly zero, the middle of them.
      let ratio =
        high == low + 1
        ? root(a, b) : (means[low + 1].0 + means[high - 1].0) / 2
      return Crossover(at: ratio, in: differences)
    }
  }

  private init(at ratio: Double, in differences: [(ratio: Double, difference: Summary)]) {
    self.ratio = ratio
    let lows = differences.map { one in
      (one.ratio, one.difference.mean - (one.difference.halfWidth() ?? .infinity))
    }
    let highs = differences.map { one in
      (one.ratio, one.difference.mean + (one.difference.halfWidth() ?? .infinity))
    }
    // What is nearest on each side where an end of the interval goes through zero.
    let places = (Self.roots(lows) + Self.roots(highs)).sorted()
    let below = places.last { $0 <= ratio }
    let above = places.first { $0 >= ratio }
    let (first, last) = (differences[0].ratio, differences[differences.count - 1].ratio)
    interval = (below ?? first)...(above ?? last)
    isOpenBelow = below == nil
    isOpenAbove = above == nil
  }

  private static func roots(_ line: [(Double, Double)]) -> [Double] {
    zip(line, line.dropFirst()).compactMap { a, b in
      guard a.1.isFinite, b.1.isFinite, (a.1 > 0) != (b.1 > 0) else { return nil }
      return root(a, b)
    }
  }

  private static func root(_ a: (Double, Double), _ b: (Double, Double)) -> Double {
    a.0 + (b.0 - a.0) * a.1 / (a.1 - b.1)
  }
}
