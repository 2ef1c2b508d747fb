/// How the way to a target sparsity is divided over pruning events.
///
/// A schedule is one file under `Schedules/` and one line in `Schedules.names`. Values are computed
/// from closed forms, never by adding steps up, and the last one is the target itself.
public protocol Schedule: Sendable {
  /// As `--schedule` takes it.
  var name: String { get }

  /// The sparsity after each step, as a share of the original weights, for the target `p`, 0...1.
  /// Throws `PruningError.schedule` where the schedule cannot lead there.
  func cumulative(to p: Double) throws(PruningError) -> [Double]
}

/// What schedules share.
public enum Schedules {
  public static let names = ["one-shot", "constant", "geometric", "hybrid", "polynomial", "manual"]

  /// How many steps bring the sparsity to `p` with at most `rate` of the remaining weights going in
  /// each: the smallest n with 1 - (1 - rate)^n >= p. Both lie in 0..<1, `rate` over 0; for p = 1
  /// the number that brings it to 1 - 2^-20.
  public static func steps(to p: Double, rate: Double) -> Int {
    precondition(rate > 0 && rate < 1 && p >= 0 && p <= 1)
    let rest = max(1 - p, 0x1p-20)
    let exact = logarithm(rest) / logarithm(1 - rate)
    // 1 - (1 - r)^n is often the very p that was meant, but for the last bits.
    return max(1, Int((exact - 1e-9).rounded(.up)))
  }

  /// The default number of steps: no more than a fifth of the remaining weights in each.
  public static func defaultSteps(to p: Double) -> Int { steps(to: p, rate: 0.2) }

  static func check(steps: Int) throws(PruningError) {
    guard steps >= 1 else { throw .schedule("--steps: \(steps) is below 1.") }
  }
}
