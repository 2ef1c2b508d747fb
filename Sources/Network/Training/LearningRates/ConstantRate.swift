/// The same from first to last.
public struct ConstantRate: LearningRateSchedule {
  public let rate: Double

  public init(_ rate: Double) { self.rate = rate }

  public func rate(atStep step: Int, of total: Int) -> Double { rate }
}
