/// `a += g²`, `w -= η·g ÷ √(a + ε)`, a beginning at 0.1 (Duchi, Hazan, Singer 2011, "Adaptive
/// Subgradient Methods").
struct Adagrad: Optimizer {
  static let names = ["Adagrad"]
  static let constants: Set<String> = ["initial_accumulator_value", "epsilon"]

  let initialSlot: Float
  private let epsilon: Float

  init(_ settings: OptimizerSettings) throws(OptimizerFault) {
    initialSlot = Float(
      try settings.number(
        "initial_accumulator_value", default: 0.1, in: 0...Double.greatestFiniteMagnitude))
    epsilon = try settings.epsilon()
  }

  var slots: [String] { ["accumulator"] }

  func update(_ range: Range<Int>, of target: UpdateTarget, by step: UpdateStep) {
    let a = target.slot(0)
    target.forEach(range, step) { i, w, g in
      a[i] += g * g
      return w - step.rate * g / (a[i] + epsilon).squareRoot()
    }
  }
}
