import Datasets
import Keras
import Network
import Pruning
import Reports
import Studies
import Tensors

/// One file's way through `sensitivity`: open, prune each tensor alone, measure, undo.
struct SensitivityRun {
  let options: SensitivityCommand
  let file: String
  private let clock = Stopwatch()

  init(_ options: SensitivityCommand, file: String) {
    self.options = options
    self.file = file
  }

  private static let standardRatios = [0.5, 0.7, 0.8, 0.9, 0.95, 0.99]

  func report() throws -> SensitivityReport {
    let shown = Inputs.shown(file)
    let criterion = try options.ranking.parsed()
    let opened = try Inputs.open(file, options.reading)
    try opened.model.checkSound(path: shown)
    var set = PrunableSet(
      opened.model, try options.selecting.resolve(opened.model), criterion: criterion)
    guard set.candidates.contains(where: { $0.count > 0 }) else {
      throw PruningError.nothingPrunable(file: shown)
    }
    let pair = try ModelOnData(opened.model, path: shown, options.data, options.layouts)
    try pair.data.requireTargets()
    var notes: [String] = []
    if criterion.needs.contains(.activations) {
      let samples = try CalibrationData(
        pair, path: shown, samples: CalibrationOptions.standardSamples, seed: options.ranking.seed)
      set = set.seeing(try samples.inputNorms())
      notes += samples.notes
    }
    var evaluation = Evaluation.Options()
    evaluation.loss = options.loss
    let model = try MeasuredModel(
      pair, tensors: set.places, validation: validationShare(pair),
      seed: options.ranking.seed, evaluation)
    var candidates = set.candidates
    if !criterion.sensitivities.isEmpty {
      // Once, at the weights as they came: every cell begins there.
      let sensing = try WeightSensing(
        pair.network, of: opened.model, tensors: set.places, criterion: criterion,
        on: ScoreRows(
          part: pair.data.train ?? pair.data.all, wanted: options.ranking.scoreSamples,
          seed: options.ranking.seed),
        loss: options.loss, seed: options.ranking.seed)
      candidates = try sensing.sense(candidates)
    }
    let progress = RowProgress(
      "sensitivity",
      rows: set.candidates.count * (options.ratios?.fractions ?? Self.standardRatios).count,
      unit: "cell")
    defer { progress?.clear() }
    let found = try LayerSensitivity(
      of: model, candidates,
      plan: PrunePlan(
        target: .sparsity(0), criterion: criterion,
        scope: options.ranking.scope?.scope ?? criterion.ownScope,
        allowsNonfinite: options.ranking.allowNonfinite, seed: options.ranking.seed),
      ratios: (options.ratios?.fractions ?? Self.standardRatios).sorted(), part: model.part,
      file: shown
    ) { _, _ in progress?.advance(by: 1) }
    try opened.checkUnchanged()
    let metric = options.steering.monitor ?? Monitor.standard(among: found.dense).metric
    try found.dense.check(metric, of: shown)
    var report = SensitivityReport(
      file: shown, data: model.measuredPath, part: model.partName,
      criterion: options.ranking.criterion,
      metric: metric, found, seconds: clock.seconds)
    report.notes = opened.model.notes + notes + pair.notes
    return report
  }

  /// The share of the training rows to measure on; nil where other rows are asked for, or there are
  /// no training rows beside a test part.
  private func validationShare(_ pair: ModelOnData) throws -> Double? {
    guard options.data.split == .automatic, pair.data.train != nil, pair.data.test != nil else {
      if options.steering.validation != nil {
        throw UsageFault(
          "--validation is a share of training rows beside a test part; \(pair.data.path) is measured on its \(pair.data.evaluation.name) rows"
        )
      }
      return nil
    }
    return options.steering.validationShare
  }
}

/// A model that is measured, and not trained, with weights masked.
private final class MeasuredModel: MaskableModel {
  private let pair: ModelOnData
  private let tensors: [Int]
  private let options: Evaluation.Options
  /// Validation rows, where these are measured.
  private let held: HeldRows?
  private let measured: [Int]

  init(
    _ pair: ModelOnData, tensors: [Int], validation share: Double?, seed: UInt64,
    _ options: Evaluation.Options
  ) throws {
    self.pair = pair
    self.tensors = tensors
    self.options = options
    guard let share, share > 0, let part = pair.data.train else {
      (held, measured) = (nil, [])
      return
    }
    let rows = try TrainingRows(part, memory: HeldRows.memory)
    measured = try rows.split(validation: share, seed: seed).validation
    held = HeldRows(
      rows, batch: min(Self.batch, measured.count), outputs: pair.network.outputs.count)
  }

  private static let batch = 512

  var part: MeasuredPart { held == nil ? .test : .validation }
  /// The file of the rows that are measured.
  var measuredPath: String {
    held == nil ? pair.data.path(of: pair.data.evaluation) : pair.data.path
  }
  var partName: String { held == nil ? pair.data.evaluation.name : "validation" }

  func evaluate(_ part: MeasuredPart) throws -> Metrics? {
    pair.network.refresh()
    guard let held else {
      return Metrics(EvalReport.metrics(of: try pair.evaluate(options, label: "testing")))
    }
    return Metrics(try held.metrics(measured, of: pair, options))
  }

  func snapshot() -> [[Float]] { pair.network.snapshot }

  func restore(_ variables: [[Float]]) { pair.network.restore(variables) }

  func setMasks(_ masks: [Mask]) {
    for (tensor, mask) in zip(tensors, masks) {
      pair.network.zero(outside: mask, ofTensor: tensor)
    }
  }
}
