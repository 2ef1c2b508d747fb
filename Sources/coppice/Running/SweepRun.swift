import CSRM
import Datasets
import Files
import JSON
import Keras
import Network
import Pruning
import Reports
import Studies
import Tensors

/// A sweep, or the part of it that is done here: one run after the other, each kept as it ends.
struct SweepRun {
  let options: Sweep
  let shown: String
  let opened: OpenedModel
  private let pair: ModelOnData
  private let plan: SweepPlan
  /// The options of the whole sweep, the model as reports name it, and what it is worth unpruned.
  let command: JSON.Value
  let input: FileFacts
  let dense: Metrics
  /// By criterion, as the options name it.
  private let sets: [String: PrunableSet]
  private let original: [[Float]]

  /// Opens and measures, and plans all runs. Throws where the data have no test part, or the plan
  /// cannot be.
  init(_ options: Sweep, file: String, command: JSON.Value) throws {
    self.options = options
    shown = Inputs.shown(file)
    opened = try Inputs.open(file, options.reading)
    try opened.model.checkSound(path: shown)
    let selected = try options.selecting.resolve(opened.model)
    pair = try ModelOnData(opened.model, path: shown, options.data, options.layouts)
    try pair.data.requireTargets()
    if options.data.split != .automatic {
      throw UsageFault(
        "--split \(options.data.split.rawValue): a sweep trains on the training rows and reports on the test part. Leave it out"
      )
    }
    guard pair.data.train != nil, pair.data.evaluation.name == "test" else {
      throw UsageFault(
        "\(pair.data.path): has no training rows beside a test part, and a sweep trains on the one and reports on the other. Name the test part with --test-data."
      )
    }
    var sets: [String: PrunableSet] = [:]
    for name in options.sweeping.criterionNames {
      let criterion = try Criteria.parse(name)
      var set = PrunableSet(opened.model, selected, criterion: criterion)
      if criterion.needs.contains(.activations) {
        let samples = try CalibrationData(
          pair, path: shown, samples: CalibrationOptions.standardSamples, seed: options.seed)
        set = set.seeing(try samples.inputNorms())
      }
      guard set.candidates.contains(where: { $0.count > 0 }) else {
        throw PruningError.nothingPrunable(file: shown)
      }
      sets[name] = set
    }
    self.sets = sets
    original = pair.network.snapshot
    var evaluation = Evaluation.Options()
    evaluation.loss = options.optimizing.loss
    dense = Metrics(EvalReport.metrics(of: try pair.evaluate(evaluation, label: "dense")))
    let metric = options.steering.monitor ?? Monitor.standard(among: dense).metric
    try dense.check(metric, of: shown)
    let digest = try SHA256.hexadecimal(of: opened.file)
    self.command = command
    input = FileFacts(
      file: shown, container: opened.storedAs.rawValue, bytes: opened.file.count, sha256: digest)
    plan = try options.sweeping.plan(
      study: Self.study(command, file: shown, digest + Self.digest(of: pair)),
      seed: options.seed, metric: metric, variants: SweepVariant.all.map(\.name),
      maxEpochs: options.maxEpochs)
  }

  /// The SHA-256 of the rows to train on, and of those that are reported on.
  private static func digest(of pair: ModelOnData) throws -> String {
    try [pair.data.train, pair.data.evaluation].compactMap(\.self).map {
      try TrainingRows($0, memory: ModelTrainer.Options().memory).digest()
    }.joined()
  }

  /// Names the model, and tells this sweep from every other: by the bytes of the model and the rows,
  /// wherever they lie, and all options that decide how its runs go. Which runs there are the plan says itself.
  private static func study(_ command: JSON.Value, file: String, _ digest: String) throws -> String
  {
    let others: Set<String> = [
      "out", "resume", "shard", "threads", "json", "csv", "quiet", "verbose", "color", "report",
      "plot", "files", "data", "test-data",
    ]
    let members = (command.objectValue?.members.map { $0 } ?? []).filter { !others.contains($0.0) }
    let text = digest + JSON.Value.object(JSON.Object(members)).text(.compact)
    let name = file.split(separator: "/").last.map(String.init) ?? file
    return try "\(name) \(SHA256.hexadecimal(of: MemoryBytes(Array(text.utf8))).prefix(16))"
  }

  /// The model, as `study` named it.
  static func title(of plan: SweepPlan) -> String {
    plan.study.split(separator: " ").dropLast().joined(separator: " ")
  }

  /// Does what is to be done here, and gives the worst of what the runs came to.
  func run(into folder: SweepFolder) throws -> ExitStatus {
    let part = try options.sweeping.part(environment: Environment.value)
    // What no run could do without is seen once, and before there is a folder of them.
    if let set = sets[plan.criteria[0]] {
      _ = try setup(seed: options.seed).trainer(
        pair, tensors: set.places, recalibrates: true, file: shown)
    }
    try Folders.make(folder.path)
    try folder.begin(plan)
    let all = part.map { $0.part(of: plan.coordinates) } ?? plan.coordinates
    let left = try all.filter { try folder.point($0) == nil }
    if left.count < all.count {
      guard options.sweeping.resume else {
        throw FolderInUse(
          path: folder.path, found: all.count - left.count, of: all.count)
      }
      Console.note("\(folder.path): \(all.count - left.count) of \(all.count) runs are there")
    }
    var worst = ExitStatus.done
    for (index, coordinates) in left.enumerated() {
      do {
        let point = try run(coordinates)
        try folder.write(point)
        Console.note("run \(index + 1) of \(left.count), \(words(point))")
      } catch FileError.closedPipe {
        throw FileError.closedPipe
      } catch {
        worst = max(worst, ExitStatus(error))
        Console.complain("run \(index + 1) of \(left.count), \(coordinates.id): \(error)")
      }
    }
    try opened.checkUnchanged()
    return worst
  }

  private func words(_ point: SweepPoint) -> String {
    let value = point.test[plan.metric].map { metricText(plan.metric, .double($0)) } ?? "none"
    return "\(point.coordinates.id): \(plan.metric) \(value)"
      + (point.epochs > 0 ? ", \(point.epochs) epochs" : "") + ", \(duration(point.seconds))"
  }

  /// One run, from the weights as they came.
  private func run(_ coordinates: SweepCoordinates) throws -> SweepPoint {
    let clock = Stopwatch()
    pair.network.restore(original)
    let set = sets[coordinates.criterion] ?? sets[plan.criteria[0]]
    guard let set else { throw PruningError.nothingPrunable(file: shown) }
    let variant =
      SweepVariant.all.first { $0.name == coordinates.variant } ?? SweepVariant.plain
    let trainer = try setup(seed: UInt64(clamping: coordinates.seed)).trainer(
      pair, tensors: set.places, recalibrates: true, file: shown, rateFactor: variant.factor)
    let of = set.candidates.reduce(0) { $0 + $1.count }
    let before = try set.candidates.map { try Mask(nonzero: $0.values).pruned }.reduce(0, +)
    var records: [StepRecord] = []
    var zeros = before
    var loop: IterativePruning?
    if coordinates.kind != .dense {
      let pruning = try pruning(coordinates, set, trainer, variant, of: of)
      loop = pruning
      records = try pruning.run()
      for note in records.compactMap(\.note) { Console.note("\(coordinates.id): \(note)") }
      zeros = pruning.state.masks.reduce(0) { $0 + $1.pruned }
      let wanted = max(pruning.goals.last?.zeros ?? 0, before)
      guard zeros == wanted else {
        throw StudyError.wrongZeros(file: shown, found: zeros, wanted: wanted)
      }
    }
    guard let test = try trainer.evaluate(.test) else {
      throw StudyError.nothingToMeasure(file: shown, part: .test)
    }
    let stored = opened.container.replacing(try trainer.variables(), of: opened.model)
    let packed = try Packer.measure(stored, named: opened.path)
    let report = try loop.map {
      try self.report(
        $0, records, of: set, test: test, packed, pruned: stored, seed: coordinates.seed,
        seconds: clock.seconds)
    }
    return SweepPoint(
      study: plan.study, coordinates: coordinates, steps: records.count,
      epochs: records.reduce(0) { $0 + $1.epochs }, zeros: zeros, of: of,
      validation: try trainer.evaluate(.validation), test: test,
      bytes: packed.totalBytes, seconds: clock.seconds,
      scoringPasses: coordinates.kind != .dense && set.criterion.looksAtGradients
        ? records.count : 0,
      course: SweepPoint.course(of: records, metric: plan.metric), report: report?.json)
  }

  private func setup(seed: UInt64) -> TrainingSetup {
    TrainingSetup(
      optimizing: options.optimizing, validation: options.steering.validationShare,
      monitor: plan.metric, seed: seed, batchSize: options.data.batchSize)
  }

  /// The prune–train loop of a run; the control's has one step without training.
  private func pruning(
    _ coordinates: SweepCoordinates, _ set: PrunableSet, _ trainer: ModelTrainer,
    _ variant: SweepVariant, of: Int
  ) throws -> IterativePruning {
    let schedule: any Schedule =
      coordinates.kind == .untrained
      ? OneShot() : variant.schedule(coordinates.schedule, to: coordinates.ratio)
    let pruning = PrunePlan(
      target: .sparsity(coordinates.ratio), criterion: set.criterion,
      scope: set.criterion.ownScope, schedule: schedule,
      seed: UInt64(clamping: coordinates.seed))
    let steps = try pruning.goals(of: of, file: shown).count
    let kind = ScheduleKind(schedule, steps: steps)
    var training = FineTuningPlan(
      epochs: [Int](repeating: 0, count: steps), monitor: Monitor(plan.metric), recalibrates: true)
    switch (coordinates.kind, plan.fairness) {
    case (.untrained, _), (.dense, _): break
    case (.pruned, .equalBudget(let epochs)):
      training.epochs = try EpochBudget(.total(epochs)).epochs(of: kind, steps: steps)
    case (.pruned, .bestOfGrid):
      training.epochs = try EpochBudget(.total(max(options.maxEpochs ?? 100, steps))).epochs(
        of: kind, steps: steps)
      training.patience = try variant.patience(for: kind)
    }
    let id = coordinates.id
    return try IterativePruning(
      trainer, pruning, set.candidates, training: training, file: shown, run: id,
      observer: RunObserver(observe: { event in
        if let line = event.line(steps: steps, metric: plan.metric) {
          Console.explain("\(id): \(line)")
        }
      }), sensing: try trainer.sensing(set, samples: nil))
  }
}

/// Results of the very runs that are to be done are in the folder already.
struct FolderInUse: Reportable {
  let path: String
  let found: Int
  let of: Int
  var fault: Fault { .cannotCreate }
  var description: String {
    "\(path): \(found) of the \(of) runs are there already. Add --resume to do the others, or name another folder with --out."
  }
}
