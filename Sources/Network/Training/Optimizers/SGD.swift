import CKernels

/// `w -= η·g`; with momentum μ, `v = μ·v - η·g` and `w += v`, or Nesterov's `w += μ·v - η·g`. The rate
/// is inside the momentum (PyTorch has it outside).
struct SGD: Optimizer {
  static let names = ["SGD"]
  static let constants: Set<String> = ["momentum", "nesterov"]
  static let standardRate = 0.01

  private let momentum: Float
  private let isNesterov: Bool

  init(_ settings: OptimizerSettings) throws(OptimizerFault) {
    momentum = try settings.share("momentum", default: 0, isOpen: false)
    isNesterov = try settings.flag("nesterov")
  }

  var slots: [String] { momentum == 0 ? [] : ["momentum"] }

  func update(_ range: Range<Int>, of target: UpdateTarget, by step: UpdateStep) {
    let rate = step.rate
    guard momentum != 0 else {
      return target.forEach(range, step) { _, w, g in w - g * rate }
    }
    var update = ck_update(step)
    let from = range.lowerBound
    ck_sgd_step(
      &update, momentum, isNesterov, target.gradient + from, target.mask.map { $0 + from },
      target.weights + from, target.slot(0) + from, range.count)
  }
}
