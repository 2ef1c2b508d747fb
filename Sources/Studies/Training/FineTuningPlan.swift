/// How long each pruning step is trained, and by what it is judged.
public struct FineTuningPlan: Sendable, Equatable {
  /// At most so many epochs for each step; 0 trains nothing.
  public var epochs: [Int]
  /// Nil: no early stopping.
  public var patience: PatienceList?
  public var minDelta: Double
  /// Nil: accuracy where it is measured, else the loss.
  public var monitor: Monitor?
  /// Whether batch statistics are taken anew after each pruning event, before anything is measured.
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

  /// The rule of the step, from 1.
  func rule(of step: Int) -> StoppingRule {
    StoppingRule(patience: patience?[step] ?? 0, minDelta: minDelta)
  }
}
