import CSRM
import Documents
import Files
import HDF5
import JSON
import Keras
import Network
import Parallel
import Pruning
import Reports
import Studies
import Tensors

/// One file's way through `prune`: open, choose, mask, write, report.
struct PruneRun {
  let options: Prune
  let file: String
  let outputs: OutputPlan
  private let clock = Stopwatch()

  init(_ options: Prune, file: String, outputs: OutputPlan) {
    self.options = options
    self.file = file
    self.outputs = outputs
  }

  private var shown: String { Inputs.shown(file) }

  func report(command: JSON.Value) throws -> PruneReport {
    let criterion = try options.ranking.parsed()
    try Plots.check(options.plot)
    var opened = try Inputs.open(file, options.reading)
    try opened.model.checkSound(path: shown)
    let place = try outputs.place(
      for: file, container: opened.container.kind, storedAs: opened.storedAs)
    if let path = options.maskOut {
      try MaskFile.check(
        path,
        beside: [
          ("-o", place.path ?? options.placing.output), ("the input", file),
          ("--report", options.reporting.report), ("--plot", options.plot),
        ], replacing: options.placing.force || options.placing.dryRun)
    }
    var notes: [String] = []
    // First of all, since the objects that are left are numbered anew.
    notes += options.storing.strip(&opened, for: place.kind)
    let storage = try options.storing.storage(for: place.kind)
    let selection = try options.selecting.resolve(opened.model)
    var set = PrunableSet(opened.model, selection, criterion: criterion)
    if set.candidates.isEmpty && opened.model.graph == nil && opened.container.kind == .hdf5 {
      throw KerasError.noModel(
        path: shown,
        what:
          "no model in it, and nothing to prune: no Keras layers and no float tensor of rank 2 or more"
      )
    }

    try options.packing.check(for: place.kind, options.layouts)
    let packing = try options.packing.options(options.reading, options.layouts)
    let rounding = try ModelRounding(
      options.packing, packing, of: opened, as: place.kind, file: shown)
    let delivery = Delivery(
      place: place, replaces: options.placing.force, packing: packing, storage: storage)
    let pair = try options.data.data.map { _ in
      try ModelOnData(opened.model, path: shown, options.data, options.layouts)
    }
    let samples = try pair.flatMap { try calibrationData($0, criterion) }
    // Labels are not needed to calibrate, only to measure.
    let accuracy = try pair.flatMap { pair in
      samples != nil && pair.data.evaluation.targets.isEmpty
        ? nil
        : try PruneAccuracy(
          pair, file: file, loss: options.optimizing.loss, options.data, options.layouts,
          options.reading)
    }
    try accuracy?.measureDense(for: options.reporting.require)
    if criterion.needs.contains(.activations), let samples {
      set = set.seeing(try samples.inputNorms())
    }
    let planned = try pair.flatMap { pair in
      options.stopping.trains ? try training(set, opened, pair, command: command) : nil
    }
    let cut = try cut(set, opened, pair, samples, planned) { sensing in
      try prune(set, in: opened, as: place.kind, delivery, rounding, sensing)
    }
    notes += cut.notes
    let pruned = opened.container.replacing(cut.values, of: opened.model)
    if cut.isMeasured { try accuracy?.measurePruned(cut.values.map { ($0.place, $0.values) }) }
    let found = try rounding.outcome(
      pruned, on: cut.isMeasured ? pair : nil, values: cut.values,
      conditions: options.reporting.require,
      exact: accuracy?.metrics.pruned?.requirements ?? [:], samples: options.ranking.scoreSamples,
      seed: options.ranking.seed, loss: options.optimizing.loss)
    var outcome = opened
    outcome.container = found.rounded.applied(to: pruned, of: opened.model)
    let receipt = try delivery.deliver(outcome, as: place.kind) { receipt in
      if let written = receipt.temporary { try accuracy?.measureWritten(written) }
      try options.reporting.check(
        receipt, of: opened.file.count, sparsity: (cut.result.pruned, cut.result.of),
        measured: accuracy?.requirements ?? [:], isTrained: cut.isMeasured, file: shown)
    }
    if let path = options.maskOut, !options.placing.dryRun {
      try MaskFile.write(cut.result.masks, of: set, to: path, replacing: options.placing.force)
    }

    if !cut.isMeasured, let note = options.reporting.unknownNote { notes.append(note) }
    if cut.values.isEmpty { notes.append(Self.unchangedNote(cut.result)) }
    if let note = Self.emptiedNote(cut.result) { notes.append(note) }
    if accuracy == nil {
      notes.append(
        "Accuracy was not measured: \(pair == nil ? "no data was given" : "the data have no labels")."
      )
    }
    notes += (accuracy?.notes ?? pair?.notes ?? []) + found.notes
    var report = try report(command, opened, receipt, set, cut, planned, pruned: pruned)
    report.metrics = accuracy?.metrics
    report.calibration = cut.calibration
    report.values = rounding.report(found, receipt.packed)
    report.leftAlone = set.leftAlone
    report.notes = opened.model.notes + notes
    if let plot = options.plot { try Plots.write(report.plot, to: plot) }
    return report
  }

  /// What is pruned, and what came of it, before anything is written.
  private struct Cut {
    var result: PruneResult
    /// Of the tensors that change, by place in the model.
    var values: [(place: Int, values: TensorValues)]
    /// The steps of a run that trained.
    var steps: [PruneReport.Step]?
    var calibration: PruneReport.Calibration?
    /// Whether accuracy is that of the run: a dry run leaves training out, which it would come back by.
    var isMeasured: Bool
    var notes: [String]
  }

  /// Prunes: by training where there is a plan for that, else by `prune`, and then with what makes up
  /// for it without training.
  private func cut(
    _ set: PrunableSet, _ opened: OpenedModel, _ pair: ModelOnData?, _ samples: CalibrationData?,
    _ planned: PlannedTraining?, prune: (WeightSensing?) throws -> PruneResult
  ) throws -> Cut {
    let trained = options.placing.dryRun ? nil : try planned.map { try TrainedPruning($0) }
    let sensing =
      trained == nil && options.maskIn == nil ? try sensing(for: set, in: opened, pair) : nil
    let result = try trained?.result ?? prune(sensing)
    var cut = Cut(
      result: result, values: trained?.values ?? set.masked(result), steps: trained?.steps,
      calibration: samples.map { .init(samples: $0.calibration.count, part: $0.part) },
      isMeasured: planned == nil || trained != nil,
      notes: (trained?.notes ?? []) + (samples?.notes ?? []))
    if cut.calibration == nil, let sensing, let pair, sensing.samples > 0 {
      cut.calibration = .init(
        samples: sensing.samples, part: pair.data.test == nil ? "all" : "train")
    }
    if let planned {
      cut.calibration = planned.calibration ?? cut.calibration
      if options.calibrating.bnRecalibrate, planned.calibration == nil {
        cut.notes.append(Compensation.noNormalisation)
      }
    } else if options.calibrating.changesModel, let samples {
      let compensation = try Compensation(
        samples, options.calibrating, set, result, masked: cut.values)
      cut.values = compensation.values
      cut.calibration = compensation.facts
      cut.notes += compensation.notes
    }
    return cut
  }

  /// What was done and written, without what was measured.
  private func report(
    _ command: JSON.Value, _ opened: OpenedModel, _ receipt: Delivery.Receipt, _ set: PrunableSet,
    _ cut: Cut, _ planned: PlannedTraining?, pruned: Container
  ) throws -> PruneReport {
    let result = cut.result
    var report = PruneReport(
      command: command.objectValue ?? JSON.Object(), version: Coppice.configuration.version,
      seed: Int(clamping: options.ranking.seed), threads: Parallel.threads,
      input: try options.reporting.facts(of: opened, file: file),
      output: try options.reporting.facts(of: receipt),
      plan: planned?.steps ?? result.steps.map { .init(step: $0.step, target: $0.target) },
      sparsity: .init(
        target: result.target, before: result.tensors.reduce(0) { $0 + $1.zerosBefore },
        pruned: result.pruned, of: result.of),
      sizes: try SizeTable.measured(opened, pruned: pruned, receipt: receipt),
      tensors: set.facts(result, receipt.packed), seconds: clock.seconds)
    report.steps =
      cut.steps
      ?? result.steps.map {
        .init(step: $0.step, target: $0.target, achieved: $0.achieved, seconds: 0)
      }
    report.training = planned?.facts
    return report
  }

  /// What takes gradients for the criterion, on rows of the data's training part where it has one;
  /// nil where it asks for none.
  private func sensing(
    for set: PrunableSet, in opened: OpenedModel, _ pair: ModelOnData?
  ) throws -> WeightSensing? {
    guard !set.criterion.sensitivities.isEmpty else { return nil }
    guard set.criterion.looksAtGradients, let pair else {
      return try WeightSensing(
        pair?.network ?? Network(opened.model, path: shown), of: opened.model,
        tensors: set.places, criterion: set.criterion, on: nil, loss: nil,
        seed: options.ranking.seed)
    }
    try pair.data.requireTargets()
    return try WeightSensing(
      pair.network, of: opened.model, tensors: set.places, criterion: set.criterion,
      on: ScoreRows(
        part: pair.data.train ?? pair.data.all, wanted: options.ranking.scoreSamples,
        seed: options.ranking.seed),
      loss: options.optimizing.loss, seed: options.ranking.seed)
  }

  /// Pruning and training, step after step, made ready.
  private func training(
    _ set: PrunableSet, _ opened: OpenedModel, _ pair: ModelOnData, command: JSON.Value
  ) throws -> PlannedTraining {
    let setup = TrainingSetup(
      optimizing: options.optimizing, keeping: options.keeping,
      validation: options.stopping.validationShare, monitor: options.stopping.monitor,
      seed: options.ranking.seed, batchSize: options.data.batchSize,
      statisticsRows: options.calibrating.calibrationSamples,
      replacesState: options.placing.force)
    let digest = try SHA256.hexadecimal(of: opened.file)
    return try PlannedTraining(
      try plan(for: set, in: opened), set, pair, setup, options.stopping,
      run: setup.runName(command, model: digest, passingOver: "bn-recalibrate"), file: shown,
      scoreSamples: options.ranking.scoreSamples, isDry: options.placing.dryRun)
  }

  /// The samples that the run needs; nil where it needs none.
  private func calibrationData(_ pair: ModelOnData, _ criterion: any Criterion) throws
    -> CalibrationData?
  {
    // Training has statistics of its own.
    let changesModel = options.calibrating.changesModel && !options.stopping.trains
    guard changesModel || criterion.needs.contains(.activations) else { return nil }
    return try CalibrationData(
      pair, path: shown, samples: options.calibrating.samples,
      seed: options.ranking.seed)
  }

  private func prune(
    _ set: PrunableSet, in opened: OpenedModel, as kind: ContainerKind, _ delivery: Delivery,
    _ rounding: ModelRounding, _ sensing: WeightSensing?
  ) throws -> PruneResult {
    if let path = options.maskIn {
      return try PruneResult(
        applying: MaskFile.read(path, for: set, options.reading), to: set.candidates, file: shown)
    }
    let plan = try plan(for: set, in: opened)
    let sense = sensing.map { sensing in
      { (candidates: [Candidate]) in try sensing.sense(candidates) }
    }
    guard case .size = plan.target else {
      // Where gradients are taken, these show how far they are.
      if sense != nil { return try plan.prune(set.candidates, file: shown, sensing: sense) }
      // A survey, the cut, the masks; scores are made in a pass or two.
      let bytes = set.candidates.reduce(0) { $0 + $1.values.source.count }
      var passes = set.criterion.ranksByMagnitude ? 3 : 2
      if case .threshold = plan.target { passes = 2 }
      return try ByteProgress.showing("ranking", bytes, passes: passes) {
        try plan.prune(set.candidates, file: shown)
      }
    }
    guard kind == .csrm else {
      throw UsageFault("--target-size needs a packed output: name a .csrm file")
    }
    return try plan.prune(
      set.candidates, file: shown,
      measure: { result in
        let pruned = set.applying(result, to: opened.container)
        let rounded = try rounding.round(pruned).applied(to: pruned, of: opened.model)
        return try ByteProgress.showing("measuring", rounded.valueBytes) {
          try Packer.measure(rounded, named: opened.path, options: delivery.packing).totalBytes
        }
      }, sensing: sense)
  }

  /// Tensors of which a ranking over all layers left nothing: nothing passes them any more, and
  /// accuracy may be down to chance for them alone.
  private static func emptiedNote(_ result: PruneResult) -> String? {
    let emptied = result.tensors.filter { $0.kept == 0 && $0.zerosBefore < $0.count }.map(\.name)
    guard !emptied.isEmpty, result.pruned < result.of else { return nil }
    let named = emptied.prefix(8).joined(separator: ", ")
    let more = emptied.count > 8 ? " and \(emptied.count - 8) more" : ""
    return
      "No weight is left in \(named)\(more), so nothing passes there. --min-keep 1 keeps one in each tensor."
  }

  private static func unchangedNote(_ result: PruneResult) -> String {
    "Nothing changed: \(result.pruned) of \(result.of) prunable weights were zero already, and no more were to go."
  }
}
