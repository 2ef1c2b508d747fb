#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Multiplied by γ at each of some steps, and from there on.
public struct StepDecay: LearningRateSchedule {
  private let rate: Double
  private let gamma: Double
  /// In order; or every so many steps.
  private let milestones: [Int]
  private let interval: Int?

  /// At `milestones`, counted in steps.
  public init(_ rate: Double, gamma: Double = 0.1, milestones: [Int]) {
    self.rate = rate
    self.gamma = gamma
    self.milestones = milestones.sorted()
    interval = nil
  }

  /// Every `interval` steps.
  public init(_ rate: Double, gamma: Double = 0.1, every interval: Int) {
    precondition(interval > 0, "an interval of at least one step")
    self.rate = rate
    self.gamma = gamma
    self.interval = interval
    milestones = []
  }

  public func rate(atStep step: Int, of total: Int) -> Double {
    let times = interval.map { step / $0 } ?? milestones.count { $0 <= step }
    return rate * pow(gamma, Double(times))
  }
}
