import Files
import JSON
import Keras
import Network
import Parallel
import Pruning
import Reports
import Studies
import Tensors

/// One file's way through `finetune`: open, train, write, report.
struct FinetuneRun {
  let options: Finetune
  let file: String
  let outputs: OutputPlan
  private let clock = Stopwatch()

  init(_ options: Finetune, file: String, outputs: OutputPlan) {
    self.options = options
    self.file = file
    self.outputs = outputs
  }

  private var shown: String { Inputs.shown(file) }

  func report(command: JSON.Value) throws -> PruneReport {
    var opened = try Inputs.open(file, options.reading)
    try opened.model.checkSound(path: shown)
    let place = try outputs.place(
      for: file, container: opened.container.kind, storedAs: opened.storedAs)
    var notes: [String] = []
    notes += options.storing.strip(&opened, for: place.kind)
    try options.packing.check(for: place.kind, options.layouts)
    let packing = try options.packing.options(options.reading, options.layouts)
    let rounding = try ModelRounding(
      options.packing, packing, of: opened, as: place.kind, file: shown)
    let delivery = Delivery(
      place: place, replaces: options.placing.force, packing: packing,
      storage: try options.storing.storage(for: place.kind))
    let set = PrunableSet(
      opened.model, try options.selecting.resolve(opened.model),
      criterion: try Criteria.parse("magnitude"))
    let pair = try ModelOnData(opened.model, path: shown, options.data, options.layouts)
    try checkClasses(of: pair)
    let accuracy = try PruneAccuracy(
      pair, file: file, loss: options.optimizing.loss, options.data, options.layouts,
      options.reading)
    var plan = try options.length.plan
    plan.recalibrates = options.bnRecalibrate
    let setup = TrainingSetup(
      optimizing: options.optimizing, keeping: options.keeping,
      validation: options.length.steering.validationShare,
      monitor: options.length.steering.monitor, seed: options.seed,
      batchSize: options.data.batchSize, shuffles: !options.noShuffle,
      classWeights: options.classWeight?.weights ?? [], replacesState: options.placing.force)
    try checkFinite(pair.network, opened.model)
    // A dry run makes it too, and so says what could not be.
    let trainer = try setup.trainer(
      pair, tensors: set.places, recalibrates: options.bnRecalibrate, file: shown)
    try plan.check(on: trainer)
    let levels = try TrainedLevels(
      of: opened, rounding, respectsZeros: !options.noRespectZeros)
    levels.tie(trainer)
    try accuracy.measureDense(for: options.reporting.require)
    let loop = try loop(
      trainer, set, plan, setup,
      run: setup.runName(
        setup.runName(command, model: try SHA256.hexadecimal(of: opened.file)), on: trainer))
    let record = options.placing.dryRun ? nil : try loop.run()
    let values = record == nil ? [] : try trainer.variables()
    notes += (record?.note.map { [$0] } ?? []) + trainer.notes
    if record?.bestEpoch == 0 {
      notes.append("No epoch was better than the model as it came: its weights were kept.")
    }
    let trained = opened.container.replacing(values, of: opened.model)
    if record != nil { try accuracy.measurePruned(values.map { ($0.place, $0.values) }) }
    if record == nil, let note = options.reporting.unknownNote { notes.append(note) }
    if let loss = accuracy.metrics.pruned?["loss"], loss.doubleValue?.isFinite != true {
      let was = accuracy.metrics.dense?["loss"]?.doubleValue?.isFinite == true
      notes.append(
        was
          ? "The loss is not finite on the data any more. Lower --lr."
          : "The loss is not finite on the data, nor was it before training.")
    }
    let result = try zeros(of: set, values)
    var found = try rounding.outcome(
      trained, on: record == nil ? nil : pair, values: values,
      conditions: options.reporting.require, exact: accuracy.metrics.pruned?.requirements ?? [:],
      seed: options.seed, loss: options.optimizing.loss)
    if record != nil { notes += try levels.keep(in: trained, &found) }
    var outcome = opened
    outcome.container = found.rounded.applied(to: trained, of: opened.model)
    let receipt = try delivery.deliver(outcome, as: place.kind) { receipt in
      if let written = receipt.temporary { try accuracy.measureWritten(written) }
      try options.reporting.check(
        receipt, of: opened.file.count, sparsity: (result.pruned, result.of),
        measured: accuracy.requirements, isTrained: record != nil, file: shown)
    }

    var report = PruneReport(
      command: command.objectValue ?? JSON.Object(), version: Coppice.configuration.version,
      seed: Int(clamping: options.seed), threads: Parallel.threads,
      input: try options.reporting.facts(of: opened, file: file),
      output: try options.reporting.facts(of: receipt),
      plan: [.init(step: 0, target: nil, epochsMax: plan.epochs[0])],
      sparsity: .init(
        target: nil, before: result.tensors.reduce(0) { $0 + $1.zerosBefore },
        pruned: result.pruned, of: result.of),
      sizes: try SizeTable.measured(opened, pruned: trained, receipt: receipt),
      tensors: set.facts(result, receipt.packed), seconds: clock.seconds)
    report.steps = record.map { [PruneReport.Step($0)] } ?? []
    report.metrics = accuracy.metrics
    report.values = rounding.report(found, receipt.packed)
    report.trainsOnly = true
    report.training = setup.facts(of: trainer)
    report.notes = opened.model.notes + notes + accuracy.notes + found.notes
    return report
  }

  /// Throws where a variable has NaN or infinity in it, of which nothing can be made by training.
  private func checkFinite(_ network: Network, _ model: Model) throws {
    for parameter in network.parameters {
      let values = UnsafeBufferPointer(start: parameter.values, count: parameter.count)
      guard let index = values.firstIndex(where: { !$0.isFinite }) else { continue }
      throw NotFinite(
        file: shown, tensor: model.tensors[parameter.tensor].name, index: index,
        value: values[index])
    }
  }

  /// Throws where a weight is given to a class that the model does not have.
  private func checkClasses(of pair: ModelOnData) throws {
    guard let given = options.classWeight else { return }
    let widths = pair.data.evaluation.targets.map { max(2, $0.width) }
    if let widest = widths.max(), given.weights.count > widest {
      throw UsageFault(
        "--class-weight \(given.argumentText): there is no class \(given.weights.count - 1), the model has \(widest), counted from 0"
      )
    }
  }

  /// The loop at its beginning, or where it was left.
  private func loop(
    _ trainer: ModelTrainer, _ set: PrunableSet, _ plan: FineTuningPlan, _ setup: TrainingSetup,
    run: String
  ) throws -> FineTuning {
    let state = try setup.statePath(for: shown, isDry: options.placing.dryRun)
    let loop = FineTuning(
      trainer, plan, respectingZerosOf: options.noRespectZeros ? nil : set.places.count,
      file: shown, run: run, observer: setup.observer(shown, steps: 1, state: state))
    if let stored = try setup.storedState(at: state) {
      try loop.resume(from: stored)
      Console.note("\(shown): goes on after epoch \(stored.epoch)")
    } else {
      try trainer.recalibrateStatistics()
    }
    return loop
  }

  /// The zeros of the prunable tensors, before and after.
  private func zeros(
    of set: PrunableSet, _ values: [(place: Int, values: TensorValues)]
  ) throws -> PruneResult {
    var result = try PruneResult(
      applying: set.candidates.map { Mask(count: $0.count, keeping: true) }, to: set.candidates,
      file: shown)
    let trained = Dictionary(
      values.map { ($0.place, $0.values) }, uniquingKeysWith: { first, _ in first })
    for (index, place) in set.places.enumerated() {
      guard let now = trained[place] else { continue }
      result.tensors[index].pruned = try Mask(nonzero: now).pruned
    }
    return result
  }
}

/// A model that holds no numbers to go on from.
struct NotFinite: Reportable {
  let file: String
  let tensor: String
  let index: Int
  let value: Float
  var fault: Fault { .damaged }
  var description: String {
    "\(file): weight \(index) of \(tensor.printable()) is \(value): there is no training from there. Mend the model."
  }
}
