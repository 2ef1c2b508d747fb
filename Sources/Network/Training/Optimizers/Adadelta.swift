/// `a = ρ·a + (1 - ρ)·g²`, `δ = -√(d + ε)·g ÷ √(a + ε)`, `d = ρ·d + (1 - ρ)·δ²`, `w += η·δ` (Zeiler
/// 2012, "ADADELTA").
struct Adadelta: Optimizer {
  static let names = ["Adadelta"]
  static let constants: Set<String> = ["rho", "epsilon"]

  private let rho: Float
  private let rest: Float
  private let epsilon: Float

  init(_ settings: OptimizerSettings) throws(OptimizerFault) {
    let rho = try settings.number("rho", default: 0.95, in: 0...1)
    (self.rho, rest) = (Float(rho), Float(1 - rho))
    epsilon = try settings.epsilon()
  }

  var slots: [String] { ["accumulated_grad", "accumulated_delta_var"] }

  func update(_ range: Range<Int>, of target: UpdateTarget, by step: UpdateStep) {
    let (a, d) = (target.slot(0), target.slot(1))
    target.forEach(range, step) { i, w, g in
      a[i] = rho * a[i] + rest * (g * g)
      let move = -((d[i] + epsilon).squareRoot() * g / (a[i] + epsilon).squareRoot())
      d[i] = rho * d[i] + rest * (move * move)
      return w + step.rate * move
    }
  }
}
