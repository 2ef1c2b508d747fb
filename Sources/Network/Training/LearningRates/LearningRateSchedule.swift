/// The learning rate over a run of training, which begins anew with every pruning step. All of a
/// schedule is in one file beside this.
public protocol LearningRateSchedule: Sendable {
  /// The rate of the step `step` (0 is the first) of `total`. A run that patience ends is as long as
  /// it may become; steps beyond `total` have the last one's rate.
  func rate(atStep step: Int, of total: Int) -> Double
}
