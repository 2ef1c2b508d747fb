import CSRM
import Datasets
import Documents
import Files
import JSON
import Keras
import Network
import Pruning
import Reports
import Studies
import Tensors

/// A model in training on the user's data, as the runs of room Studies drive it.
///
/// Batches are drawn from rows that are held in memory; order, augmentation and dropout follow from
/// the seed and the number of the epoch alone.
final class ModelTrainer: Trainer {
  /// What there is to choose beside the data.
  struct Options {
    var training = Training.Options()
    var updates = WeightUpdates.Options()
    var rate: Double?
    /// Of `rate`, or of the optimizer's own.
    var rateFactor = 1.0
    var rates = LearningRatePlan.constant
    /// Nil for 128, or all rows where there are fewer.
    var batchSize: Int?
    var validation = 0.1
    var augmentation: Augmentation?
    var shuffles = true
    var seed: UInt64 = 0
    var recalibrates = true
    /// Training rows that the statistics of normalisations are taken anew from.
    var statisticsRows = CalibrationOptions.standardSamples
    /// Bytes that the rows may take.
    var memory = HeldRows.memory
    /// Whether a line says how far an epoch is, on a terminal.
    var showsProgress = true
  }

  let pair: ModelOnData
  /// The rate that training begins with.
  let rate: Double
  let options: Options
  var rows: TrainingRows { held.rows }
  let split: RowSplit
  private let training: Training
  private let updates: WeightUpdates
  /// Places in the model of the tensors that may be pruned, in the order of the run.
  let tensors: [Int]
  private let held: HeldRows

  /// Throws where the data have no labels or no rows to train on, do not fit in memory, or the model
  /// cannot be trained.
  init(_ pair: ModelOnData, tensors: [Int], options: Options) throws {
    self.pair = pair
    self.options = options
    self.tensors = tensors
    try pair.data.requireTargets()
    guard let part = pair.data.train else {
      throw UsageFault(
        "\(pair.data.path): has a test part alone, and nothing to train on. Name training rows with --data, and these with --test-data."
      )
    }
    let rows = try TrainingRows(part, memory: options.memory)
    if let augmentation = options.augmentation { try rows.check(augmentation) }
    split =
      options.validation > 0
      ? try rows.split(validation: options.validation, seed: options.seed)
      : RowSplit(0, of: rows.count, seed: options.seed)
    let size = min(options.batchSize ?? 128, max(1, split.training.count))
    if let asked = options.batchSize, asked > split.training.count {
      throw UsageFault(
        "--batch-size \(asked): there are \(split.training.count) rows to train on. Give a smaller one."
      )
    }
    held = HeldRows(rows, batch: size, outputs: pair.network.outputs.count)
    var passing = options.training
    passing.memory = Machine.memory
    training = try Training(
      pair.network, of: pair.model, targets: held.forms, batch: size, options: passing)
    updates = try WeightUpdates(training, options.updates)
    rate = (options.rate ?? updates.standardRate) * options.rateFactor
    try checkLabels()
    if !options.training.classWeights.isEmpty, !training.judgesClasses {
      throw UsageFault(
        "--class-weight: is for a model with one output whose loss judges classes, and this one has \(pair.network.outputs.count == 1 ? "a loss for numbers" : "\(pair.network.outputs.count) outputs")"
      )
    }
    if let floor = options.rates.floor, floor >= rate {
      throw UsageFault(
        "--lr-schedule cosine:\(floor): the rate that it ends at is not below the one it begins with, \(rate)"
      )
    }
  }

  /// Throws where a label is none that its loss can be taken of.
  private func checkLabels() throws {
    for (index, target) in rows.part.targets.enumerated() {
      guard let values = rows.values(ofTarget: index),
        let wrong = training.wrongLabel(in: values, ofOutput: target.output)
      else { continue }
      throw DataError.mismatch(
        file: pair.data.path,
        what:
          "a label of output '\(target.name.printable())' is \(values[wrong.place]) (row \(wrong.place / max(1, target.positions * target.width))), and the loss takes \(wrong.allowed.words)",
        advice: "Name other labels with --y, or another loss with --loss.")
    }
  }

  /// The class of the optimizer, and what is to be said of the rows.
  var optimizerName: String { updates.name }
  var trainingCount: Int { split.training.count }
  var validationCount: Int { split.validation.count }
  var batchSize: Int { training.batch }
  private var stepsPerEpoch: Int { (split.training.count + training.batch - 1) / training.batch }

  /// What a person should know of what is measured and trained on.
  var notes: [String] {
    var notes: [String] = []
    if pair.data.evaluation.name != "test" {
      notes.append(
        pair.data.test == nil
          ? "The data have no test part: accuracy was measured on rows that were trained on. Name others with --test-data."
          : "Accuracy was measured on rows that were trained on, as --split asks."
      )
    }
    for target in rows.part.targets.indices {
      let missing = rows.missingClasses(of: target)
      if !missing.isEmpty {
        let named = missing.prefix(8).map(String.init).joined(separator: ", ")
        let more = missing.count > 8 ? " and \(missing.count - 8) more" : ""
        notes.append(
          "No row to train on is of class \(named)\(more): what the model knows of them may go.")
      }
    }
    if let unvariedNote { notes.append(unvariedNote) }
    return notes
  }

  /// What Keras's training would do to images and this one does not; nil where there is nothing.
  var unvariedNote: String? {
    guard !pair.network.unvaried.isEmpty else { return nil }
    let named = pair.network.unvaried.map { "'\($0.name.printable())' (\($0.className))" }
    return
      "Images pass \(named.joined(separator: ", ")) as they are: Keras varies them there in training."
  }

  // MARK: Training

  func trainEpoch(_ plan: EpochPlan) throws -> EpochResult {
    let clock = Stopwatch()
    let order =
      options.shuffles
      ? Shuffle(seed: options.seed, epoch: plan.epoch).order(of: split.training) : split.training
    let schedule = options.rates.schedule(rate: rate, stepsPerEpoch: stepsPerEpoch)
    let variation = options.augmentation.map {
      TrainingRows.Variation($0, seed: options.seed, epoch: plan.epoch)
    }
    let progress =
      options.showsProgress ? RowProgress("epoch \(plan.epochInStep + 1)", rows: order.count) : nil
    defer { progress?.clear() }
    var (sum, step) = (0.0, 0)
    let first = plan.epochInStep * stepsPerEpoch
    for start in stride(from: 0, to: order.count, by: training.batch) {
      let chosen = order[start..<min(order.count, start + training.batch)]
      let result = try run(chosen, varied: variation, step: plan.epoch * stepsPerEpoch + step)
      let loss = result.loss + result.penalty + updates.penalty
      guard loss.isFinite else { throw TrainingFault.notFinite(batch: step) }
      updates.step(
        rate: schedule.rate(
          atStep: first + step, of: max(1, plan.epochsOfStep) * stepsPerEpoch))
      sum += loss * Double(chosen.count)
      step += 1
      progress?.advance(by: chosen.count)
    }
    // The last update may have gone beyond all numbers, and nothing after it would tell.
    guard pair.network.parameters.allSatisfy(\.isFinite) else {
      throw TrainingFault.notFinite(batch: step - 1)
    }
    return EpochResult(
      loss: sum / Double(max(1, order.count)), seconds: clock.seconds)
  }

  /// Takes a batch through the network and back.
  private func run(
    _ chosen: ArraySlice<Int>, varied variation: TrainingRows.Variation?, step: Int
  ) throws -> Training.BatchResult {
    let targets = held.gather(chosen, varied: variation)
    return try training.run(
      held.inputs, targets: targets, weights: held.gatherWeights(chosen), rows: chosen.count,
      step: step)
  }

  // MARK: Measuring

  func evaluate(_ part: MeasuredPart) throws -> Metrics? {
    pair.network.refresh()
    if part == .test {
      return Metrics(EvalReport.metrics(of: try pair.evaluate(evaluationOptions, label: "testing")))
    }
    guard !split.validation.isEmpty else { return nil }
    return Metrics(try held.metrics(split.validation, of: pair, evaluationOptions))
  }

  private var evaluationOptions: Evaluation.Options {
    var chosen = Evaluation.Options()
    chosen.loss = options.training.loss
    return chosen
  }

  // MARK: State

  func snapshot() -> [[Float]] { pair.network.snapshot }

  func restore(_ variables: [[Float]]) {
    pair.network.restore(variables)
    training.prepare()
  }

  func optimizerSnapshot() -> [[Float]] { updates.memory }

  func restoreOptimizer(_ variables: [[Float]]) throws {
    guard updates.restore(variables) else { throw StudyError.otherRun(file: pair.network.path) }
  }

  func restartOptimizer() { updates.restart() }

  func setMasks(_ masks: [Mask]) {
    for (tensor, mask) in zip(tensors, masks) {
      updates.setMask(ofTensor: tensor) { mask[$0] }
      // What is not trained is masked all the same.
      pair.network.zero(outside: mask, ofTensor: tensor)
    }
    training.prepare()
  }

  /// Makes the weights of the tensor at `place` in the model share their values by level.
  func tie(_ place: Int, _ groups: LevelGroups) {
    updates.tie(ofTensor: place, groups: groups.levels)
  }

  func values(of tensor: Int) -> [Float] {
    guard let parameter = pair.network.parameters.first(where: { $0.tensor == tensors[tensor] })
    else { return [] }
    return Array(UnsafeBufferPointer(start: parameter.values, count: parameter.count))
  }

  /// Normalisations of the model that keep statistics of the data.
  var normalisationCount: Int {
    pair.model.tensors.count { $0.role == .movingMean && $0.copyOf == nil }
  }

  func recalibrateStatistics() throws {
    guard options.recalibrates, normalisationCount > 0 else { return }
    let drawn = Shuffle(seed: options.seed, epoch: -1).order(of: split.training)
    let chosen = drawn.prefix(options.statisticsRows).sorted()
    let model = pair.model
    let calibration = try Calibration(
      model, path: pair.network.path, shapes: rows.part.inputs.map(\.itemShape),
      count: chosen.count
    ) { inputs in
      for (index, floats) in inputs.enumerated() {
        rows.gather(chosen[...], input: index, into: floats)
      }
    }
    let current = Dictionary(
      try variables().map { ($0.place, $0.values) }, uniquingKeysWith: { first, _ in first })
    let walk = try CalibrationWalk(calibration, values: current, seesDense: false)
    try walk.run(recalibrates: true)
    for (tensor, values) in walk.changes {
      let bytes = MemoryBytes(values.withUnsafeBytes { [UInt8]($0) })
      try pair.network.setValues(
        ofTensor: tensor, to: TensorValues(bytes, type: .float32))
    }
    training.prepare()
  }

  /// Every variable as it is now, by place in the model, in the type that the file stores.
  ///
  /// - Parameter before: tensors that are not as in the file.
  func variables(over before: [Int: TensorValues] = [:]) throws -> [(
    place: Int, values: TensorValues
  )] {
    let given = before
    var all: [(place: Int, values: TensorValues)] = []
    for parameter in pair.network.parameters {
      let floats = Array(UnsafeBufferPointer(start: parameter.values, count: parameter.count))
      // What a layer makes of several variables (an adapted mean and variance) is not trained.
      guard let before = given[parameter.tensor] ?? pair.model.tensors[parameter.tensor].values,
        before.count == floats.count, before.type.isFloat
      else { continue }
      let bytes = MemoryBytes(try before.replacing(with: floats))
      for copy in pair.model.copies(of: parameter.tensor) {
        all.append((copy, TensorValues(bytes, type: before.type)))
      }
    }
    return all
  }
}

extension Parameter {
  fileprivate var isFinite: Bool {
    UnsafeBufferPointer(start: values, count: count).allSatisfy(\.isFinite)
  }
}
