import Pruning
import Tensors

/// The prune–train loop of arXiv 2508.13836, with the repairs that the reference lists: scores are
/// taken anew in every step, the best weights are copies, the state right after pruning is a
/// candidate, and what is pruned stays pruned. One shot is the loop with one step.
public final class IterativePruning {
  /// Which weights stay, given a goal and the weights as they are now, one list a tensor. Zeros must
  /// not stay.
  public typealias Selection = (PruneGoal, [[Float]]) throws -> [Mask]

  public let goals: [PruneGoal]
  /// As far as the run has come.
  public private(set) var state: RunState
  private let trainer: any Trainer
  private let names: [String]
  private let file: String
  private let training: StepTraining
  private let select: Selection

  /// `run` tells the run from every other in checkpoints; `tensors` are the names of the tensors
  /// that may be pruned, as messages call them.
  public init(
    _ trainer: any Trainer, goals: [PruneGoal], tensors: [String], training: FineTuningPlan,
    file: String, run: String, observer: RunObserver = RunObserver(), select: @escaping Selection
  ) {
    precondition(training.epochs.count == goals.count)
    self.trainer = trainer
    self.goals = goals
    names = tensors
    self.file = file
    self.training = StepTraining(trainer: trainer, plan: training, observer: observer)
    self.select = select
    state = RunState(run: run)
  }

  /// The loop with the scores of a plan's criterion on `candidates`, whose numbers are read from the
  /// trainer before each step; `sensing` takes gradients at them, for a criterion that asks for any.
  public convenience init(
    _ trainer: any Trainer, _ plan: PrunePlan, _ candidates: [Candidate], training: FineTuningPlan,
    file: String, run: String, observer: RunObserver = RunObserver(), sensing: Sensing? = nil
  ) throws {
    let of = candidates.reduce(0) { $0 + $1.count }
    self.init(
      trainer, goals: try plan.goals(of: of, file: file), tensors: candidates.map(\.name),
      training: training, file: file, run: run, observer: observer
    ) { goal, values in
      try plan.reaching(
        goal, from: candidates.holding(values), file: file, sensing: sensing
      ).masks
    }
  }

  /// Goes on from a stored state instead of the beginning. Throws `StudyError.otherRun` where it is
  /// of another run.
  public func resume(from stored: RunState) throws {
    guard stored.run == state.run, stored.records.count <= goals.count else {
      throw StudyError.otherRun(file: file)
    }
    state = stored
    try training.resume(stored)
    state.variables = []
    state.optimizer = []
  }

  /// Runs to the end, and returns what there is to say of each step. The trainer holds the result,
  /// `state.masks` what was pruned.
  ///
  /// Throws `StudyError`, and what the trainer, the selection and the observer throw.
  @discardableResult
  public func run() throws -> [StepRecord] {
    try training.finish(&state)
    for (index, goal) in goals.enumerated().dropFirst(state.records.count) {
      try prune(to: goal)
      let record = StepRecord(
        step: goal.step, target: goal.share, zeros: state.masks.reduce(0) { $0 + $1.pruned },
        of: state.masks.reduce(0) { $0 + $1.count }, epochsMax: training.plan.epochs[index])
      try training.begin(record, &state)
      try training.finish(&state)
      try checkZeros()
    }
    return state.records
  }

  private func prune(to goal: PruneGoal) throws {
    let masks = try select(goal, names.indices.map(trainer.values(of:)))
    precondition(masks.count == names.count)
    for (tensor, (old, new)) in zip(state.masks, masks).enumerated() where !new.isPart(of: old) {
      throw StudyError.revived(file: file, tensor: names[tensor])
    }
    let zeros = masks.reduce(0) { $0 + $1.pruned }
    guard zeros >= goal.zeros else {
      throw StudyError.wrongZeros(file: file, found: zeros, wanted: goal.zeros)
    }
    state.masks = masks
    trainer.setMasks(masks)
    if training.plan.recalibrates { try trainer.recalibrateStatistics() }
  }

  /// What is masked is exactly +0 after the training.
  private func checkZeros() throws {
    for (tensor, mask) in state.masks.enumerated() {
      let values = trainer.values(of: tensor)
      for index in values.indices where !mask[index] && values[index].bitPattern != 0 {
        throw StudyError.revived(file: file, tensor: names[tensor])
      }
    }
  }
}

extension Mask {
  /// Whether everything that this mask keeps is kept by the other too.
  func isPart(of other: Mask) -> Bool {
    count == other.count && zip(words, other.words).allSatisfy { $0 & ~$1 == 0 }
  }
}
