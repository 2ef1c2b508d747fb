/// Another schedule that begins with some steps of warming up: its first rate times a share that grows
/// in a straight line from `start` to 1. What comes after runs over the steps that are left.
public struct WarmUp: LearningRateSchedule {
  private let schedule: any LearningRateSchedule
  private let steps: Int
  private let start: Double

  /// - Parameters:
  ///   - steps: of warming up.
  ///   - start: the share at the first of them; the paper's 0.01.
  public init(_ schedule: any LearningRateSchedule, steps: Int, start: Double = 0.01) {
    precondition(steps >= 0, "steps are counted")
    self.schedule = schedule
    self.steps = steps
    self.start = start
  }

  public func rate(atStep step: Int, of total: Int) -> Double {
    let left = max(0, total - steps)
    guard step < steps else { return schedule.rate(atStep: step - steps, of: left) }
    let share = start + (1 - start) * Double(step) / Double(steps)
    return share * schedule.rate(atStep: 0, of: left)
  }
}
