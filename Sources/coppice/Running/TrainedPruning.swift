import Files
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
  let steps: [PruneReport.Step]
  private(set) var notes: [String] = []

  /// Runs to the end.
  init(_ planned: PlannedTraining) throws {
    let (pruning, trainer, set) = (planned.pruning, planned.trainer, planned.set)
    let records = try pruning.run()
    var result = try PruneResult(
      applying: pruning.state.masks, to: set.candidates, file: planned.file)
    result.target = pruning.goals.last?.share
    result.steps = records.map {
      PruneResult.Step(step: $0.step, target: $0.target, pruned: $0.zeros, achieved: $0.achieved)
    }
    self.result = result
    let masked = Dictionary(
      set.masked(result).map { ($0.place, $0.values) }, uniquingKeysWith: { first, _ in first })
    values = try trainer.variables(over: masked)
    steps = records.map(PruneReport.Step.init)
    notes = records.compactMap(\.note) + trainer.notes
  }
}

extension PruneReport.Step {
  init(_ record: StepRecord) {
    self.init(
      step: record.step, target: record.target, achieved: record.achieved, epochs: record.epochs,
      seconds: record.seconds, before: record.before?.values, after: record.after?.values)
  }
}
