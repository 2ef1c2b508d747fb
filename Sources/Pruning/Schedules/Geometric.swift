/// The same share of what remains in each step: c_k = 1 - (1 - p)^(k/n).
public struct Geometric: Schedule {
  public let steps: Int
  public init(steps: Int) { self.steps = steps }

  /// As many steps as it takes when each removes at most `rate` of what remains; re-solved, so that
  /// the last one ends at the target.
  public init(rate: Double, to p: Double) { steps = Schedules.steps(to: p, rate: rate) }

  public var name: String { "geometric" }

  public func cumulative(to p: Double) throws(PruningError) -> [Double] {
    try Schedules.check(steps: steps)
    return (1...steps).map {
      $0 == steps ? p : 1 - power(1 - p, Double($0) / Double(steps))
    }
  }
}
