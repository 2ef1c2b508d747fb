import CKernels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `m += (g - m)·(1 - β₁)`, `v += (g² - v)·(1 - β₂)`, `w -= α·m ÷ (√v + ε)` with
/// `α = η·√(1 - β₂ᵗ) ÷ (1 - β₁ᵗ)` (Kingma and Ba 2015, "Adam", end of section 2; ε is the paper's ε̂).
/// With AMSGrad the largest v so far stands for v.
struct Adam: Optimizer {
  static let names = ["Adam"]
  static let constants: Set<String> = ["beta_1", "beta_2", "epsilon", "amsgrad"]

  private let numbers: Moments
  private let epsilon: Float
  private let keepsLargest: Bool

  init(_ settings: OptimizerSettings) throws(OptimizerFault) {
    numbers = try Moments(settings, second: 0.999)
    epsilon = try settings.epsilon()
    keepsLargest = try settings.flag("amsgrad")
  }

  var slots: [String] { ["momentum", "velocity"] + (keepsLargest ? ["velocity_hat"] : []) }

  func corrections(at iteration: Int) -> Corrections {
    let t = Double(iteration + 1)
    let second = (1 - pow(Double(numbers.beta2), t)).squareRoot()
    return Corrections(first: Float(second / (1 - pow(Double(numbers.beta1), t))))
  }

  func update(_ range: Range<Int>, of target: UpdateTarget, by step: UpdateStep) {
    let alpha = step.rate * step.corrections.first
    let (m, v) = (target.slot(0), target.slot(1))
    let (keep1, keep2) = (numbers.rest1, numbers.rest2)
    if keepsLargest {
      let largest = target.slot(2)
      target.forEach(range, step) { i, w, g in
        m[i] += (g - m[i]) * keep1
        v[i] += (g * g - v[i]) * keep2
        largest[i] = max(largest[i], v[i])
        return w - m[i] * alpha / (largest[i].squareRoot() + epsilon)
      }
    } else {
      var update = ck_update(step)
      update.rate = alpha
      let from = range.lowerBound
      ck_adam_step(
        &update, keep1, keep2, epsilon, target.gradient + from, target.mask.map { $0 + from },
        target.weights + from, m + from, v + from, range.count)
    }
  }
}

/// Rates at which running averages of the gradient and of its square forget.
struct Moments {
  let beta1: Float
  let beta2: Float
  /// 1 - β, taken before rounding as Keras does.
  let rest1: Float
  let rest2: Float

  init(_ settings: OptimizerSettings, second: Double) throws(OptimizerFault) {
    let top = 1.0.nextDown
    let first = try settings.number("beta_1", default: 0.9, in: 0...top)
    let second = try settings.number("beta_2", default: second, in: 0...top)
    (beta1, beta2) = (Float(first), Float(second))
    (rest1, rest2) = (Float(1 - first), Float(1 - second))
  }
}
