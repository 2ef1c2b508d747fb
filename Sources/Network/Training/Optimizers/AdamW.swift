/// Adam whose weights decay by themselves (Loshchilov and Hutter 2019, "Decoupled Weight Decay
/// Regularization"). The decay, 0.004 where the file has none, is `OptimizerSettings.weightDecay`.
struct AdamW: Optimizer {
  static let names = ["AdamW"]
  static let constants: Set<String> = ["beta_1", "beta_2", "epsilon", "amsgrad"]

  private let adam: Adam

  init(_ settings: OptimizerSettings) throws(OptimizerFault) { adam = try Adam(settings) }

  var slots: [String] { adam.slots }

  func corrections(at iteration: Int) -> Corrections { adam.corrections(at: iteration) }

  func update(_ range: Range<Int>, of target: UpdateTarget, by step: UpdateStep) {
    adam.update(range, of: target, by: step)
  }
}
