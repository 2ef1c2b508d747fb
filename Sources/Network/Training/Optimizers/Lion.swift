/// `w -= η·sign(β₁·m + (1 - β₁)·g)`, `m = β₂·m + (1 - β₂)·g` (Chen et al. 2023, "Symbolic Discovery of
/// Optimization Algorithms").
struct Lion: Optimizer {
  static let names = ["Lion"]
  static let constants: Set<String> = ["beta_1", "beta_2"]

  private let numbers: Moments

  init(_ settings: OptimizerSettings) throws(OptimizerFault) {
    numbers = try Moments(settings, second: 0.99)
  }

  var slots: [String] { ["momentum"] }

  func update(_ range: Range<Int>, of target: UpdateTarget, by step: UpdateStep) {
    let m = target.slot(0)
    target.forEach(range, step) { i, w, g in
      let way = m[i] * numbers.beta1 + g * numbers.rest1
      m[i] = m[i] * numbers.beta2 + g * numbers.rest2
      return w - step.rate * (way > 0 ? 1 : way < 0 ? -1 : way)
    }
  }
}
