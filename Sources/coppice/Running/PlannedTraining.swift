import Files
import JSON
import Keras
import Pruning
import Reports
import Studies

/// Pruning with training in between, made ready: all that can be refused is refused before the first
/// epoch, and in a dry run too.
struct PlannedTraining {
  let pruning: IterativePruning
  let trainer: ModelTrainer
  let set: PrunableSet
  private let setup: TrainingSetup
  let steps: [PruneReport.PlannedStep]
  let file: String

  /// - Parameter isDry: nothing is to be run, so no folder is made for states.
  init(
    _ plan: PrunePlan, _ set: PrunableSet, _ pair: ModelOnData, _ setup: TrainingSetup,
    _ stopping: StoppingOptions, run: String, file: String, scoreSamples: Int?, isDry: Bool
  ) throws {
    let of = set.candidates.reduce(0) { $0 + $1.count }
    guard of > 0 else { throw PruningError.nothingPrunable(file: file) }
    let goals = try plan.goals(of: of, file: file)
    try Self.check(plan, goals, set, file: file)
    let training = try stopping.plan(
      of: ScheduleKind(plan.schedule, steps: goals.count), steps: goals.count, recalibrates: true)
    trainer = try setup.trainer(pair, tensors: set.places, recalibrates: true, file: file)
    try training.check(on: trainer)
    let statePath = try setup.statePath(for: file, isDry: isDry)
    pruning = try IterativePruning(
      trainer, plan, set.candidates, training: training, file: file,
      run: try setup.runName(run, on: trainer),
      observer: setup.observer(file, steps: goals.count, state: statePath),
      sensing: try trainer.sensing(set, samples: scoreSamples))
    if let stored = try setup.storedState(at: statePath) {
      try pruning.resume(from: stored)
      Console.note("\(file): goes on after epoch \(stored.epoch)")
    }
    steps = zip(goals, training.epochs).map {
      PruneReport.PlannedStep(step: $0.step, target: $0.share, epochsMax: $1)
    }
    self.set = set
    self.setup = setup
    self.file = file
  }

  /// How it is trained, as reports have it.
  var facts: JSON.Object { setup.facts(of: trainer) }

  /// What the statistics of normalisations are taken anew from after each pruning and epoch; nil for a model
  /// that has none.
  var calibration: PruneReport.Calibration? {
    let count = trainer.normalisationCount
    guard count > 0 else { return nil }
    return PruneReport.Calibration(
      samples: min(trainer.options.statisticsRows, trainer.trainingCount),
      part: trainer.pair.data.test == nil ? "all" : "train", normalisations: count)
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
