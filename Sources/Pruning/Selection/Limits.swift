/// How many weights of each tensor may be pruned at most.
struct Limits {
  private let plan: PrunePlan
  init(_ plan: PrunePlan) { self.plan = plan }

  /// Of a tensor of `count` weights that all are finite and not zero.
  func most(of count: Int) -> Int {
    let share = plan.maxLayerSparsity.map { PrunePlan.weights($0, of: count) } ?? count
    let kept = max(plan.minKeep, plan.criterion.needs.contains(.oneKeptPerTensor) ? 1 : 0)
    return max(0, min(share, count - kept))
  }

  /// The same, given how many weights are zero already and how many cannot be pruned since they are
  /// not finite. Never fewer than the zeros.
  func most(of count: Int, zeros: Int, nonfinite: Int) -> Int {
    max(zeros, min(most(of: count), count - nonfinite))
  }
}
