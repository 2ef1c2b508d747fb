#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `m += (g - m)·(1 - β₁)`, `u = max(β₂·u, |g|)`, `w -= η·m ÷ ((1 - β₁ᵗ)·(u + ε))` (Kingma and Ba 2015,
/// section 7.1).
struct Adamax: Optimizer {
  static let names = ["Adamax"]
  static let constants: Set<String> = ["beta_1", "beta_2", "epsilon"]

  private let numbers: Moments
  private let epsilon: Float

  init(_ settings: OptimizerSettings) throws(OptimizerFault) {
    numbers = try Moments(settings, second: 0.999)
    epsilon = try settings.epsilon()
  }

  var slots: [String] { ["momentum", "norm"] }

  func corrections(at iteration: Int) -> Corrections {
    Corrections(first: Float(1 - pow(Double(numbers.beta1), Double(iteration + 1))))
  }

  func update(_ range: Range<Int>, of target: UpdateTarget, by step: UpdateStep) {
    let (m, u) = (target.slot(0), target.slot(1))
    let correction = step.corrections.first
    target.forEach(range, step) { i, w, g in
      m[i] += (g - m[i]) * numbers.rest1
      u[i] = max(numbers.beta2 * u[i], abs(g))
      return w - step.rate * m[i] / (correction * (u[i] + epsilon))
    }
  }
}
