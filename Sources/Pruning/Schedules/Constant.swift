/// The same number of weights in each step: c_k = p·k/n.
public struct Constant: Schedule {
  public let steps: Int
  public init(steps: Int) { self.steps = steps }

  /// As many steps as it takes when each removes at most `rate` of all weights; re-solved, so that
  /// the last one ends at the target.
  public init(rate: Double, to p: Double) {
    precondition(rate > 0)
    steps = max(1, Int((p / rate - 1e-9).rounded(.up)))
  }

  public var name: String { "constant" }

  public func cumulative(to p: Double) throws(PruningError) -> [Double] {
    try Schedules.check(steps: steps)
    return (1...steps).map { $0 == steps ? p : p * Double($0) / Double(steps) }
  }
}
