import CSRM
import Documents
import Keras
import Reports

/// What `pack` and `convert` do between opening and writing: round the weights, and measure what that
/// does to the model.
final class RoundedDelivery {
  private let rounding: ModelRounding
  private let found: ModelRounding.Outcome
  private let accuracy: PruneAccuracy?
  /// The model to write.
  let outcome: OpenedModel

  init(
    _ opened: OpenedModel, file: String, packing: PackingOptions, _ options: PackOptions,
    _ data: DataArguments, _ weighing: WeighingOptions, _ layouts: LayoutOptions,
    _ reading: ReadingOptions, _ conditions: [Requirement], as kind: ContainerKind
  ) throws {
    let shown = Inputs.shown(file)
    rounding = try ModelRounding(packing, options, of: opened, as: kind, file: shown)
    let pair = try data.data.map { _ in
      try opened.model.checkSound(path: shown)
      return try ModelOnData(opened.model, path: shown, data, layouts)
    }
    accuracy = try pair.map { try PruneAccuracy($0, file: file, data, layouts, reading) }
    try accuracy?.measureDense(for: conditions)
    found = try rounding.outcome(
      opened.container, on: pair, values: [], conditions: conditions,
      exact: accuracy?.metrics.dense?.requirements ?? [:], samples: weighing.scoreSamples,
      seed: weighing.seed)
    var outcome = opened
    outcome.container = found.rounded.applied(to: opened.container, of: opened.model)
    self.outcome = outcome
  }

  /// Measures what was written, or would be.
  func measure(_ receipt: Delivery.Receipt) throws {
    if let written = receipt.temporary {
      try accuracy?.measureWritten(written)
    } else {
      try accuracy?.measurePruned(found.rounded.map { ($0.place, $0.values.values) })
    }
  }

  var requirements: [Requirement.Metric: Double] { accuracy?.requirements ?? [:] }

  var metrics: PackedMetrics? {
    accuracy.flatMap { accuracy in
      accuracy.metrics.dense.map {
        PackedMetrics(input: $0, output: accuracy.metrics.readBack ?? accuracy.metrics.pruned)
      }
    }
  }

  func report(_ receipt: Delivery.Receipt) -> ValuesReport? {
    rounding.report(found, receipt.packed)
  }

  var notes: [String] { (accuracy?.notes ?? []) + found.notes }
}
