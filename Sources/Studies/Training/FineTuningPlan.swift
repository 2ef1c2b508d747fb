/// How long each pruning step is trained, and by what it is judged.
public struct FineTuningPlan: Sendable, Equatable {
  /// At most so many epochs for each step; 0 trains nothing.
  public var epochs: [Int]
  /// Nil: no early stopping.
  public var patience: PatienceList?
  public var minDelta: Double
  /// Nil: accuracy where it is measured, else the loss.
  public var monitor: Monitor?
  /// Whether batch statistics are taken anew after each pruning event and each epoch, before
  /// anything is measured. Kept ones move by a hundredth in a step (Keras's momentum of 0.99): after
  /// an epoch of a few dozen steps they are those of weights that are gone, and what is measured by
  /// them says little of the weights that are there.
  public var recalibrates: Bool

  public init(
    epochs: [Int], patience: PatienceList? = nil, minDelta: Double = 0, monitor: Monitor? = nil,
    recalibrates: Bool = false
  ) {
    self.epochs = epochs
    self.patience = patience
    self.minDelta = minDelta
    self.monitor = monitor
    self.recalibrates = recalibrates
  }

  /// Throws `StudyError` where it goes by what `trainer` does not measure: before the first epoch.
  public func check(on trainer: any Trainer) throws {
    guard monitor != nil || patience != nil else { return }
    if let measured = try trainer.evaluate(.validation) {
      if let monitor { _ = try monitor.value(in: measured) }
    } else if epochs.indices.contains(where: { epochs[$0] > 0 && rule(of: $0 + 1).patience > 0 }) {
      throw StudyError.nothingToMonitor
    }
  }

  /// The rule of the step, from 1.
  func rule(of step: Int) -> StoppingRule {
    StoppingRule(patience: patience?[step] ?? 0, minDelta: minDelta)
  }
}
