/// `v = ρ·v + (1 - ρ)·g²`, `w -= η·g ÷ √(v + ε)`; centred, the square of the average gradient is taken
/// from v; with momentum μ the quotient goes into `m = μ·m + …` first (Hinton's lecture 6e, 2012).
struct RMSprop: Optimizer {
  static let names = ["RMSprop"]
  static let constants: Set<String> = ["rho", "momentum", "epsilon", "centered"]

  private let rho: Float
  private let rest: Float
  private let momentum: Float
  private let epsilon: Float
  private let isCentred: Bool

  init(_ settings: OptimizerSettings) throws(OptimizerFault) {
    let rho = try settings.number("rho", default: 0.9, in: 0...1)
    (self.rho, rest) = (Float(rho), Float(1 - rho))
    momentum = try settings.share("momentum", default: 0, isOpen: false)
    epsilon = try settings.epsilon()
    isCentred = try settings.flag("centered")
  }

  var slots: [String] {
    ["velocity"] + (momentum > 0 ? ["momentum"] : []) + (isCentred ? ["average_gradient"] : [])
  }

  func update(_ range: Range<Int>, of target: UpdateTarget, by step: UpdateStep) {
    let v = target.slot(0)
    let m = target.slot(1)
    let average = target.slot(momentum > 0 ? 2 : 1)
    target.forEach(range, step) { i, w, g in
      v[i] = rho * v[i] + rest * (g * g)
      var under = v[i] + epsilon
      if isCentred {
        average[i] = rho * average[i] + rest * g
        under = v[i] - average[i] * average[i] + epsilon
      }
      let move = step.rate * g / under.squareRoot()
      guard momentum > 0 else { return w - move }
      m[i] = momentum * m[i] + move
      return w - m[i]
    }
  }
}
