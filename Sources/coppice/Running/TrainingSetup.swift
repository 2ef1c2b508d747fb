import Files
import JSON
import Keras
import Network
import Reports
import Studies

/// The options of a training run put together: what a trainer is made with, and who is told of it.
struct TrainingSetup {
  let optimizing: OptimizerOptions
  /// Nil where no state is kept.
  var keeping: CheckpointOptions?
  /// The share of the training rows to measure on.
  let validation: Double
  /// The metric that lines of progress give; nil for the standard one.
  var monitor: String?
  var seed: UInt64
  let batchSize: Int?
  var shuffles = true
  /// By class, what its samples weigh; empty where all weigh 1.
  var classWeights: [Float] = []
  /// Training rows that the statistics of normalisations are taken anew from; nil for the standard.
  var statisticsRows: Int?
  /// Whether a state that is there, and is not gone on from, may be written over.
  var replacesState = false

  /// The trainer for a model on its data; `tensors` are the places of those that may be pruned, and
  /// the rate, given or not, is taken times `rateFactor`.
  func trainer(
    _ pair: ModelOnData, tensors: [Int], recalibrates: Bool, file: String,
    rateFactor: Double = 1
  ) throws -> ModelTrainer {
    var options = ModelTrainer.Options()
    options.training.loss = optimizing.loss
    options.training.labelSmoothing = optimizing.labelSmoothing
    options.training.classWeights = classWeights
    options.training.seed = seed
    options.updates.optimizer =
      try optimizing.settings() ?? OptimizerSettings(trainingConfig: pair.model.trainingConfig)
    options.updates.clipping = optimizing.clipNorm.map { .globalNorm($0) }
    options.updates.decay = optimizing.weightDecay.map { .kernels($0) }
    options.rate = try optimizing.rate()
    options.rateFactor = rateFactor
    options.rates = try optimizing.rates()
    options.batchSize = batchSize
    options.validation = validation
    options.augmentation = try optimizing.augmentation()
    options.shuffles = shuffles
    options.seed = seed
    options.recalibrates = recalibrates
    if let statisticsRows { options.statisticsRows = statisticsRows }
    if pair.asksForWeights, pair.data.train?.hasWeights == false {
      throw UsageFault("--sample-weight: \(pair.data.path) has no weights of the rows to train on")
    }
    let trainer = try ModelTrainer(pair, tensors: tensors, options: options)
    Console.explain(
      "\(file): training with \(trainer.optimizerName) at a rate of \(trainer.rate)\(ownRate(of: pair.model).map { " (the file's own: \($0.text(.compact)))" } ?? ""), \(trainer.trainingCount) rows in batches of \(trainer.batchSize), \(trainer.validationCount) for validation"
    )
    if let note = trainer.unvariedNote { Console.noteOnce("\(file): \(note)") }
    return trainer
  }

  /// The rate in the file's training configuration, a number or a schedule; nil where there is none.
  private func ownRate(of model: Model) -> JSON.Value? {
    let config = OptimizerSettings(trainingConfig: model.trainingConfig)?.config
    return config?["learning_rate"] ?? config?["lr"]
  }

  /// What a report says of the training: `optimizer`, `learning_rate` as it begins, that of the file,
  /// `batch_size`, and how many rows there are.
  func facts(of trainer: ModelTrainer) -> JSON.Object {
    JSON.Object([
      ("optimizer", .string(trainer.optimizerName)), ("learning_rate", .double(trainer.rate)),
      ("learning_rate_in_file", ownRate(of: trainer.pair.model) ?? .null),
      ("batch_size", .integer(trainer.batchSize)),
      ("training_rows", .integer(trainer.trainingCount)),
      ("validation_rows", .integer(trainer.validationCount)),
    ])
  }

  /// What tells this run from every other: the model and all options that decide its course.
  ///
  /// - Parameter idle: an option that this command takes and that changes nothing.
  func runName(_ command: JSON.Value, model: String, passingOver idle: String = "") -> String {
    var members = command.objectValue.map { Array($0.members) } ?? []
    let others: Set<String> = [
      idle,
      "output", "output-dir", "force", "skip-existing", "checkpoint", "resume", "threads", "json",
      "csv", "quiet", "verbose", "color", "report", "plot", "mask-out", "jobs", "require", "files",
    ]
    members.removeAll { others.contains($0.0) }
    return model + " " + JSON.Value.object(JSON.Object(members)).text(.compact)
  }

  /// The same with the rows that `trainer` trains on, where states are kept: the name of a file says
  /// nothing of what is in it.
  func runName(_ name: String, on trainer: ModelTrainer) throws -> String {
    keeping?.checkpoint == nil ? name : try "\(name) \(trainer.rows.digest())"
  }

  /// Where the state of the run on `file` is kept; nil where it is not. Makes the folder, unless the
  /// run is a dry one.
  func statePath(for file: String, isDry: Bool) throws -> String? {
    guard let folder = keeping?.checkpoint else { return nil }
    if !isDry { try Folders.make(folder) }
    let name = file.split(separator: "/").last.map(String.init) ?? "model"
    return "\(folder)/\(file == "-" ? "stdin" : name).state"
  }

  /// The state to go on from; nil where there is none. Throws where there is one that nobody asked to
  /// go on from: hours may be in it.
  func storedState(at path: String?) throws -> RunState? {
    guard let path, Folders.exists(path) else { return nil }
    if keeping?.resume == true { return try Checkpoint.read(path) }
    guard replacesState else { throw StudyError.stateExists(path: path) }
    return nil
  }

  /// Tells of every step and epoch on standard error, a line each.
  func observer(_ file: String, steps: Int, state path: String?) -> RunObserver {
    let metric = monitor
    return RunObserver(
      observe: { event in
        let measured = metric ?? event.standardMetric
        guard let line = event.line(steps: steps, metric: measured) else { return }
        Console.note("\(file): \(line)")
      },
      checkpoint: path.map { path in { try Self.keep($0, at: path) } })
  }

  /// Writes a state. Throws what tells of the one before, where that is still there.
  private static func keep(_ state: RunState, at path: String) throws {
    do {
      try Checkpoint.write(state, to: path)
    } catch FileError.writeFailed(let path, let reason) where Folders.exists(path) {
      throw StudyError.stateNotKept(path: path, reason: reason)
    }
  }
}

extension RunEvent {
  /// Accuracy where it is measured, else the loss.
  fileprivate var standardMetric: String {
    let measured =
      switch self {
      case .stepBegan(let record), .stepEnded(let record): record.before ?? record.after
      case .epochEnded(let record, _): record.trace.last?.validation
      }
    return measured?["accuracy"] == nil ? "loss" : "accuracy"
  }
}
