import Datasets
import Documents
import Files
import Keras
import Network
import Reports
import Tensors

/// A model and the data that it is run on, fitted to each other.
struct ModelOnData {
  let network: Network
  let model: Model
  let data: DataSet
  private let batchSize: Int?
  /// Whether the user named what rows weigh.
  let asksForWeights: Bool
  /// What somebody should know of how the two were put together.
  private(set) var notes: [String] = []

  /// Throws where the model cannot be run, the data cannot be read, or they do not fit.
  init(_ model: Model, path: String, _ arguments: DataArguments, _ layouts: LayoutOptions) throws {
    guard let file = arguments.data else { throw UsageFault("which data? Name them with --data") }
    self.model = model
    batchSize = arguments.batchSize
    asksForWeights = !arguments.sampleWeight.isEmpty
    let ports = try Network.inputs(of: model, path: path)
    var options = try arguments.options(layout: layouts.data)
    options.modelInputs = ports.map(\.name)
    let opened = try Datasets.open(file, options)
    let wanted = ports.enumerated().map { place, port in
      // An input without any shape in the configuration takes what the data have.
      ModelShape(
        name: port.name,
        shape: port.isOpen && opened.evaluation.inputs.indices.contains(place)
          ? opened.evaluation.inputs[place].itemShape : port.shape)
    }
    let shaped = try opened.fitted(inputs: wanted)
    network = try Network(
      model, path: path, shapes: shaped.evaluation.inputs.map(\.itemShape))
    data = try opened.fitted(
      inputs: wanted,
      outputs: network.outputs.map { ModelShape(name: $0.name, shape: $0.shape) })
    notes += data.notes
    if data.evaluation.targets.isEmpty {
      if asksForWeights {
        throw UsageFault(
          "--sample-weight: \(data.path) has no labels, and weights are of their loss. Name them with --y"
        )
      }
    } else if let name = data.evaluation.weightsName {
      notes.append("rows weigh in the loss what '\(name.printable())' says")
    }
    for line in try data.evaluation.description() { Console.explain(line) }
    for place in data.evaluation.inputs.indices
    where try !network.rescales(input: place) && data.evaluation.isUnscaledBytes(input: place) {
      notes.append(
        "input '\(network.inputs[place].name)' gets bytes of 0 to 255 as they are, and the model does not rescale them itself: is --scale 1/255 missing? (Where they are right so, --scale 1 says it.)"
      )
    }
  }

  /// What a run over all rows found.
  struct Outcome {
    var findings: Evaluation.Findings?
    var notes: [String]
    var samples: Int
    /// Time in the forward passes alone.
    var seconds: Double

    var samplesPerSecond: Double { Double(samples) / max(seconds, 1e-9) }
  }

  /// Runs the model on every row of the data's evaluation part. `predictions` gets all outputs.
  func evaluate(
    _ options: Evaluation.Options, predictions: Predictions? = nil, label: String = "evaluating"
  ) throws -> Outcome {
    let part = data.evaluation
    let evaluation = try evaluation(options, part)
    let batch = min(batchSize ?? standardBatch(part), max(1, part.count))
    try checkRoom(for: batch, of: part)
    let reader = BatchReader(
      part, batchSize: batch,
      targets: contents(evaluation, part), weights: evaluation != nil)
    let room = OutputRoom(network, rows: reader.batchSize)
    var seconds = 0.0
    let progress = RowProgress(label, rows: part.count)
    defer { progress?.clear() }
    while let batch = try reader.nextBatch() {
      let inputs = batch.inputs.compactMap { $0.baseAddress.map { UnsafePointer($0) } }
      let clock = Stopwatch()
      try network.predict(
        inputs, rows: batch.count, into: room.results, masks: room.masks,
        first: batch.rows.lowerBound)
      seconds += clock.seconds
      if let evaluation { add(batch, to: evaluation, part, room) }
      try predictions?.add(room.results, rows: batch.count)
      progress?.advance(by: batch.count)
    }
    return Outcome(
      findings: evaluation?.findings, notes: evaluation?.notes ?? [], samples: part.count,
      seconds: seconds)
  }

  /// Throws where batches of so many rows, of which two are held, take more memory than there is.
  private func checkRoom(for batch: Int, of part: DataPart) throws {
    let floats =
      2 * part.inputs.reduce(0) { $0 + $1.itemCount }
      + network.outputs.reduce(0) { $0 + 5 * $1.count }
    let (bytes, isTooMuch) = (4 * floats).multipliedReportingOverflow(by: batch)
    guard isTooMuch || bytes > Machine.memory else { return }
    throw UsageFault(
      "--batch-size \(batch): batches of so many rows do not fit in the memory of this machine. Give a smaller one"
    )
  }

  /// Rows of inputs and outputs in 16 MB, at most 1,024: enough for all threads, little memory.
  private func standardBatch(_ part: DataPart) -> Int {
    let floats =
      part.inputs.reduce(0) { $0 + $1.itemCount } + network.outputs.reduce(0) { $0 + $1.count }
    return min(1024, max(1, (4 << 20) / max(1, floats)))
  }

  /// Nil where the data have no labels.
  private func evaluation(_ options: Evaluation.Options, _ part: DataPart) throws -> Evaluation? {
    guard !part.targets.isEmpty else { return nil }
    return try Evaluation(
      network, of: model, targets: part.forms(outputs: network.outputs.count), options: options)
  }

  private func contents(
    _ evaluation: Evaluation?, _ part: DataPart
  ) -> [BatchReader.TargetContent] {
    guard let evaluation else { return [] }
    return part.targets.map { target in
      if target.hasClasses { return .classes }
      // Reading the classes too makes sure that vectors are one-hot where they have to be.
      return evaluation.isClassification(target.output) ? [.classes, .floats] : .floats
    }
  }

  private func add(
    _ batch: RowBatch, to evaluation: Evaluation, _ part: DataPart, _ room: OutputRoom
  ) {
    var targets = [Evaluation.Targets?](repeating: nil, count: network.outputs.count)
    for (index, target) in part.targets.enumerated() {
      if target.hasClasses {
        targets[target.output] = batch.classes[index].baseAddress.map {
          .classes(UnsafePointer($0))
        }
      } else {
        targets[target.output] = batch.floats[index].baseAddress.map { .values(UnsafePointer($0)) }
      }
    }
    room.add(
      to: evaluation, targets: targets,
      weights: batch.weights.flatMap { $0.baseAddress.map { UnsafePointer($0) } },
      rows: batch.count)
  }
}

extension Network.Port {
  /// Values of a sample.
  var count: Int { shape.reduce(1) { $0 * ($1 ?? 1) } }
}
