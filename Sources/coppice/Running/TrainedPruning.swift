import Files
import JSON
import Keras
import Network
import Pruning
import Reports
import Studies
import Tensors

/// Pruning with training in between: the loop of room Studies on one model, and what it came to.
struct TrainedPruning {
  let result: PruneResult
  /// Every variable as it is in the end, by place in the model.
  let values: [(place: Int, values: TensorValues)]
  let plan: [PruneReport.PlannedStep]
  let steps: [PruneReport.Step]
  /// How it was trained, as reports have it.
  let training: JSON.Object
  private(set) var notes: [String] = []

  /// Runs to the end, or goes on from a stored state.
  init(
    _ plan: PrunePlan, _ set: PrunableSet, _ pair: ModelOnData, _ setup: TrainingSetup,
    _ stopping: StoppingOptions, recalibrates: Bool, run: String, file: String, scoreSamples: Int?
  ) throws {
    let of = set.candidates.reduce(0) { $0 + $1.count }
    guard of > 0 else { throw PruningError.nothingPrunable(file: file) }
    let goals = try plan.goals(of: of, file: file)
    try Self.check(plan, goals, set, file: file)
    let training = try stopping.plan(
      of: ScheduleKind(plan.schedule, steps: goals.count), steps: goals.count,
      recalibrates: recalibrates)
    let trainer = try setup.trainer(
      pair, tensors: set.places, recalibrates: recalibrates, file: file)
    self.training = setup.facts(of: trainer)
    let path = try setup.statePath(for: file)
    let pruning = try IterativePruning(
      trainer, plan, set.candidates, training: training, file: file,
      run: try setup.runName(run, on: trainer),
      observer: setup.observer(file, steps: goals.count, state: path),
      sensing: try trainer.sensing(set, samples: scoreSamples))
    if let stored = try setup.storedState(at: path) {
      try pruning.resume(from: stored)
      Console.note("\(file): goes on after epoch \(stored.epoch)")
    }
    let records = try pruning.run()
    var result = try PruneResult(
      applying: pruning.state.masks, to: set.candidates, file: file)
    result.target = goals.last?.share
    result.steps = records.map {
      PruneResult.Step(step: $0.step, target: $0.target, pruned: $0.zeros, achieved: $0.achieved)
    }
    self.result = result
    let masked = Dictionary(
      set.masked(result).map { ($0.place, $0.values) }, uniquingKeysWith: { first, _ in first })
    values = try trainer.variables(over: masked)
    self.plan = zip(goals, training.epochs).map {
      PruneReport.PlannedStep(step: $0.step, target: $0.share, epochsMax: $1)
    }
    steps = records.map(PruneReport.Step.init)
    notes = records.compactMap(\.note) + trainer.notes
  }

  /// Throws where limits do not let the last goal be reached: before the first epoch, not after many.
  /// That is a matter of counts, so any criterion shows it.
  private static func check(
    _ plan: PrunePlan, _ goals: [PruneGoal], _ set: PrunableSet, file: String
  ) throws {
    guard let last = goals.last, plan.minKeep > 0 || plan.maxLayerSparsity != nil else { return }
    var trial = plan
    trial.criterion = Magnitude()
    _ = try trial.reaching(last, from: set.candidates, file: file)
  }
}

extension PruneReport.Step {
  init(_ record: StepRecord) {
    self.init(
      step: record.step, target: record.target, achieved: record.achieved, epochs: record.epochs,
      seconds: record.seconds, before: record.before?.values, after: record.after?.values)
  }
}
