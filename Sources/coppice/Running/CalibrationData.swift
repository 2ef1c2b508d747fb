import Datasets
import Keras
import Network
import Pruning
import Tensors

/// The samples that a model is calibrated on: rows of the data's training part where it has one, else
/// of all of them, drawn by seed.
struct CalibrationData {
  let calibration: Calibration
  let model: Model
  /// `train`, or `all` where the data are not cut in parts.
  let part: String
  private(set) var notes: [String] = []

  /// Bytes of samples that are held at most, however many are asked for.
  private static let memory = 1 << 30

  /// Throws where the model cannot be run on them, or they cannot be read.
  init(_ pair: ModelOnData, path: String, samples wanted: Int, seed: UInt64) throws {
    model = pair.model
    let data = pair.data
    let part = data.train ?? data.all
    self.part = data.test == nil ? "all" : part.name
    let floats = part.inputs.reduce(1) { $0 + $1.itemCount }
    let most = max(1, Self.memory / (floats * MemoryLayout<Float>.size))
    let rows = part.drawnRows(min(wanted, most), seed: seed)
    if rows.count < min(wanted, part.count) {
      notes.append("Calibrated on \(rows.count) samples: more would take too much memory.")
    }
    if !data.evaluation.targets.isEmpty, data.test == nil || data.evaluation.name != "test" {
      notes.append(
        "The data have no test part to measure on by itself: accuracy was measured on rows of which some were calibrated on."
      )
    }
    calibration = try Calibration(
      pair.model, path: path, shapes: part.inputs.map(\.itemShape), count: rows.count
    ) { inputs in
      for (index, floats) in inputs.enumerated() {
        try part.read(rows, input: index, into: floats)
      }
    }
  }

  /// What each tensor's weights are multiplied with, by place in the model; a bias has an input that
  /// is always 1.
  func inputNorms() throws -> [Int: InputNorms] {
    var parts: [Int: [InputNorms.Part]] = [:]
    var biases: [Int: Int] = [:]
    for inputs in try calibration.inputs() {
      parts[inputs.tensor, default: []].append(
        .init(inputs.matrices, norms: inputs.squares.map { $0.squareRoot() }))
      if let bias = inputs.bias { biases[bias] = inputs.rows }
    }
    var norms = parts.mapValues(InputNorms.init)
    for (bias, rows) in biases {
      let all = KernelMatrices(
        inputOffsets: [0], outputOffsets: Array(0..<model.tensors[bias].count))
      norms[bias] = InputNorms([.init(all, norms: [Double(rows).squareRoot()])])
    }
    return norms
  }
}
