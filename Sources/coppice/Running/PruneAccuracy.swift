import Files
import JSON
import Keras
import Network
import Reports
import Tensors

/// What pruning does to a model's accuracy: measured on the user's data before, after, and once more
/// on what was written.
final class PruneAccuracy {
  private let pair: ModelOnData
  private let arguments: DataArguments
  private let layouts: LayoutOptions
  private let reading: ReadingOptions
  private let file: String
  private let options: Evaluation.Options
  private(set) var metrics = PruneReport.Metrics(dense: nil, pruned: nil, readBack: nil)
  private(set) var notes: [String]

  /// - Parameter loss: in place of the file's own.
  ///
  /// Throws where the data have no labels.
  init(
    _ pair: ModelOnData, file: String, loss: String? = nil, _ arguments: DataArguments,
    _ layouts: LayoutOptions, _ reading: ReadingOptions
  ) throws {
    var options = Evaluation.Options()
    options.loss = loss
    self.options = options
    self.pair = pair
    self.arguments = arguments
    self.layouts = layouts
    self.reading = reading
    self.file = file
    try pair.data.requireTargets()
    notes = pair.notes
  }

  /// Measures the model as it came. Throws where `conditions` name what is not measured here: before
  /// the work, not after it.
  func measureDense(for conditions: [Requirement] = []) throws {
    let outcome = try pair.evaluate(options, label: "dense")
    notes += outcome.notes
    let found = Self.metrics(outcome)
    metrics.dense = found
    let known = found.requirements
    for condition in conditions
    where [.accuracy, .loss].contains(condition.metric) && known[condition.metric] == nil {
      throw UsageFault(
        "--require '\(condition.argumentText)': \(condition.metric) is not measured for this model")
    }
  }

  /// Measures the model with `values` in place of its own, by place in `Model.tensors`.
  func measurePruned(_ values: [(tensor: Int, values: TensorValues)]) throws {
    for (tensor, values) in values { try pair.network.setValues(ofTensor: tensor, to: values) }
    pair.network.refresh()
    metrics.pruned = Self.metrics(try pair.evaluate(options, label: "pruned"))
  }

  /// Measures what was written to `path`.
  func measureWritten(_ path: String) throws {
    var opening = OpenOptions(limits: Inputs.limits(reading), configFrom: reading.configFrom)
    var written = try ModelFile.open(path, options: opening)
    if written.model.graph == nil, opening.configFrom == nil {
      // Weights alone were written: the architecture is the input's.
      guard file != "-" else {
        notes.append(
          "The output holds no architecture, and standard input cannot be read again for it: the output was not measured."
        )
        return
      }
      opening.configFrom = file
      written = try ModelFile.open(path, options: opening)
    }
    let again = try ModelOnData(written.model, path: path, arguments, layouts)
    metrics.readBack = Self.metrics(try again.evaluate(self.options, label: "read back"))
  }

  private static func metrics(_ outcome: ModelOnData.Outcome) -> JSON.Object {
    EvalReport.metrics(of: outcome)
  }

  /// What `--require` can ask for: of the output where it was read back.
  var requirements: [Requirement.Metric: Double] {
    (metrics.readBack ?? metrics.pruned ?? JSON.Object()).requirements
  }
}
