/// What rounding did to the values of a tensor.
public struct RoundingLoss: Sendable, Equatable {
  /// The largest difference of a value to what it became.
  public var largest = 0.0
  /// Values that were not zero.
  public var nonzeros = 0
  /// Of them, how many became zero.
  public var zeroed = 0
  /// Values that became the largest there is, from past it.
  public var saturated = 0
  private var sum = 0.0

  public init() {}

  /// The mean difference of the values that were not zero; zeros stay zeros.
  public var mean: Double { nonzeros > 0 ? sum / Double(nonzeros) : 0 }

  /// Whether every value is what it was.
  public var isNone: Bool { largest == 0 }

  mutating func add(
    _ before: UnsafePointer<Double>, _ after: UnsafePointer<Double>, count: Int, limit: Double?
  ) {
    var (largest, sum) = (0.0, 0.0)
    for i in 0..<count {
      let difference = (before[i] - after[i]).magnitude
      largest = max(largest, difference)
      sum += difference
      if before[i] != 0 {
        nonzeros += 1
        if after[i] == 0 { zeroed += 1 }
      }
      if let limit, before[i].magnitude >= limit { saturated += 1 }
    }
    self.largest = max(self.largest, largest)
    self.sum += sum
  }

  /// Adds what rounding did to the values of another tensor.
  public mutating func add(_ other: RoundingLoss) {
    largest = max(largest, other.largest)
    nonzeros += other.nonzeros
    zeroed += other.zeroed
    saturated += other.saturated
    sum += other.sum
  }
}
