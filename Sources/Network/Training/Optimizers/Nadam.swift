#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Adam with Nesterov's momentum (Dozat 2016, "Incorporating Nesterov Momentum into Adam"): the share of
/// momentum at step t is `uₜ = β₁·(1 - 0.96ᵗ ÷ 2)`, and `w -= η·m̂ ÷ (√v̂ + ε)` with
/// `m̂ = uₜ₊₁·m ÷ (1 - Πu₁…uₜ₊₁) + (1 - uₜ)·g ÷ (1 - Πu₁…uₜ)`, `v̂ = v ÷ (1 - β₂ᵗ)`.
struct Nadam: Optimizer {
  static let names = ["Nadam"]
  static let constants: Set<String> = ["beta_1", "beta_2", "epsilon", "schedule_decay"]

  private let numbers: Moments
  private let epsilon: Float

  init(_ settings: OptimizerSettings) throws(OptimizerFault) {
    numbers = try Moments(settings, second: 0.999)
    epsilon = try settings.epsilon()
  }

  var slots: [String] { ["momentum", "velocity"] }

  func corrections(at iteration: Int) -> Corrections {
    func share(_ t: Int) -> Double {
      Double(numbers.beta1) * (1 - 0.5 * pow(0.96, Double(t)))
    }
    let t = iteration + 1
    var product = 1.0
    for step in 1...t {
      product *= share(step)
      // From here on the product is nothing beside 1.
      if product < 1e-30 { break }
    }
    let next = share(t + 1)
    return Corrections(
      first: Float(next / (1 - product * next)), second: Float((1 - share(t)) / (1 - product)),
      third: Float(1 - pow(Double(numbers.beta2), Double(t))))
  }

  func update(_ range: Range<Int>, of target: UpdateTarget, by step: UpdateStep) {
    let (m, v) = (target.slot(0), target.slot(1))
    let numbers = self.numbers
    let corrections = step.corrections
    target.forEach(range, step) { i, w, g in
      m[i] += (g - m[i]) * numbers.rest1
      v[i] += (g * g - v[i]) * numbers.rest2
      let ahead = m[i] * corrections.first + g * corrections.second
      return w - ahead * step.rate / ((v[i] / corrections.third).squareRoot() + epsilon)
    }
  }
}
