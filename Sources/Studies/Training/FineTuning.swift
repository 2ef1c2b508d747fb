import Tensors

/// Training without pruning: epochs, or patience, and the best weights at the end.
public final class FineTuning {
  public private(set) var state: RunState
  private let trainer: any Trainer
  private let file: String
  private let training: StepTraining
  private let tensors: Int?

  /// `plan.epochs` has one number. With `respectingZerosOf`, the weights of so many tensors that are
  /// zero at the start, of either sign, stay zero.
  public init(
    _ trainer: any Trainer, _ plan: FineTuningPlan, respectingZerosOf tensors: Int?, file: String,
    run: String, observer: RunObserver = RunObserver()
  ) {
    precondition(plan.epochs.count == 1)
    self.trainer = trainer
    self.file = file
    self.tensors = tensors
    training = StepTraining(trainer: trainer, plan: plan, observer: observer)
    state = RunState(run: run)
  }

  /// Goes on from a stored state. Throws `StudyError.otherRun` where it is of another run.
  public func resume(from stored: RunState) throws {
    guard stored.run == state.run else { throw StudyError.otherRun(file: file) }
    state = stored
    try training.resume(stored)
    state.variables = []
    state.optimizer = []
  }

  /// Trains; the trainer holds the best weights then.
  @discardableResult
  public func run() throws -> StepRecord {
    if state.records.isEmpty, state.current == nil {
      if let tensors {
        state.masks = (0..<tensors).map { Mask(nonzero: trainer.values(of: $0)) }
        trainer.setMasks(state.masks)
      }
      try training.begin(
        StepRecord(
          step: 0, target: nil, zeros: state.masks.reduce(0) { $0 + $1.pruned },
          of: state.masks.reduce(0) { $0 + $1.count }, epochsMax: training.plan.epochs[0]), &state)
    }
    try training.finish(&state)
    return state.records[0]
  }
}

extension Mask {
  /// Keeps what is not zero.
  init(nonzero values: [Float]) {
    self.init(count: values.count, keeping: true)
    for index in values.indices where values[index] == 0 { self[index] = false }
  }
}
