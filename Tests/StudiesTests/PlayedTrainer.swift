import JSON
import Tensors

@testable import Studies

/// A trainer that plays a trace: after epoch `e` of the run the accuracy is `trace[e]`. Training moves
/// every weight that is not masked by an amount that depends on the epoch and on the momentum.
final class PlayedTrainer: Trainer {
  var tensors: [[Float]]
  var statistics: [Float] = [0]
  /// The epoch that the weights are of: what is measured follows from it.
  var lastEpoch: [Float] = [0]
  var momentum: [Float] = [0]
  /// Accuracy by the epochs trained; past its end the last.
  var trace: [Double]
  /// What is measured right after a step, by the number of prunings; past its end the trace.
  var afterPruning: [Double] = []
  var failsAt: Int?
  var hasValidation = true
  var leaksMaskedWeights = false
  private(set) var masks: [Mask] = []
  private(set) var plans: [EpochPlan] = []
  private(set) var restarts = 0
  private(set) var recalibrations = 0
  private var isFresh = true

  init(_ tensors: [[Float]], trace: [Double]) {
    self.tensors = tensors
    self.trace = trace
  }

  func trainEpoch(_ plan: EpochPlan) throws -> EpochResult {
    plans.append(plan)
    if plan.epoch == failsAt {
      for tensor in tensors.indices { tensors[tensor] = tensors[tensor].map { _ in .nan } }
      throw TrainingFault.notFinite(batch: 7)
    }
    isFresh = false
    lastEpoch[0] = Float(plan.epoch)
    momentum[0] = momentum[0] * 0.5 + Float(plan.epoch + 1)
    statistics[0] += 1
    for tensor in tensors.indices {
      for i in tensors[tensor].indices where masks.isEmpty || masks[tensor][i] || leaksMaskedWeights
      {
        tensors[tensor][i] += momentum[0] * 0.001 * Float(i % 3 + 1)
      }
    }
    return EpochResult(loss: 1 / Double(plan.epoch + 1), seconds: 0.5)
  }

  func evaluate(_ part: MeasuredPart) throws -> Metrics? {
    guard hasValidation || part == .test else { return nil }
    let value: Double
    if isFresh, restarts < afterPruning.count {
      value = afterPruning[restarts]
    } else {
      value = trace[min(Int(lastEpoch[0]), trace.count - 1)]
    }
    return Metrics(JSON.Object([("loss", .double(1 - value)), ("accuracy", .double(value))]))
  }

  func snapshot() -> [[Float]] { tensors + [statistics, lastEpoch] }
  func restore(_ variables: [[Float]]) {
    tensors = Array(variables.dropLast(2))
    statistics = variables[variables.count - 2]
    lastEpoch = variables[variables.count - 1]
  }
  func optimizerSnapshot() -> [[Float]] { [momentum] }
  func restoreOptimizer(_ variables: [[Float]]) throws { momentum = variables[0] }
  func restartOptimizer() {
    momentum = [0]
    restarts += 1
  }
  func setMasks(_ masks: [Mask]) {
    self.masks = masks
    isFresh = true
    for (tensor, mask) in masks.enumerated() {
      for i in tensors[tensor].indices where !mask[i] { tensors[tensor][i] = 0 }
    }
  }
  func values(of tensor: Int) -> [Float] { tensors[tensor] }
  func recalibrateStatistics() throws { recalibrations += 1 }
}

/// Numbers all different in magnitude, of both signs, in no order.
func weights(_ count: Int, from start: Int = 0) -> [Float] {
  (0..<count).map { Float(($0 * 37 + start * 11) % 101 + 1) * ($0 % 2 == 0 ? 1 : -1) }
}
