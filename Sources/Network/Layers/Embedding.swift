import Keras

/// `Embedding`: whole numbers to rows of a table.
final class Embedding: Layer {
  static let classNames = ["Embedding"]

  private let embeddings: Parameter
  private let masksZero: Bool
  /// Keras 3 counts indices below zero from the table's end; older ones refuse them.
  private let least: Int

  init(_ definition: Definition) throws(LayerFault) {
    let rows = try definition.int("input_dim")
    let width = try definition.int("output_dim")
    embeddings = try definition.variable("embeddings", shape: [rows, width])
    masksZero = definition.flag("mask_zero", default: false)
    least = definition.age < .three ? 0 : -rows
  }

  var parameters: [Parameter] { [embeddings] }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let shape = try call.only().shape
    return [Signal(shape + [embeddings.shape[1]], mask: masksZero ? .made(shape) : .none)]
  }

  func forward(_ frame: Frame) {
    let (rows, width) = (embeddings.shape[0], embeddings.shape[1])
    let perRow = frame.call.inputs[0].count
    let count = frame.rows * perRow
    let (indices, out) = (frame.input(), frame.output())
    for i in 0..<count {
      // Keras cuts what follows the point.
      var index = Int(exactly: indices[i].rounded(.towardZero)) ?? .min
      if index < least || index >= rows {
        frame.faults.add(
          row: i / perRow,
          "the index \(Self.text(indices[i])) is outside of the table, which has 0 to \(rows - 1)")
        index = 0
      }
      (out + i * width).update(
        from: embeddings.values + (index < 0 ? index + rows : index) * width, count: width)
    }
    if let mask = frame.outputMask() {
      for i in 0..<count { mask[i] = indices[i] == 0 ? 0 : 1 }
    }
  }

  private static func text(_ index: Float) -> String {
    Int(exactly: index).map(String.init) ?? "\(index)"
  }
}

extension Embedding: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  func backward(_ frame: TrainingFrame) {
    // Indices have no gradient; what asks for one gets zeros.
    let count = frame.rows * frame.call.inputs[0].count
    frame.inputGradient()?.update(repeating: 0, count: count)
    guard let gradient = frame.gradient(of: embeddings) else { return }
    let (rows, width) = (embeddings.shape[0], embeddings.shape[1])
    let dy = frame.outputGradient()
    for i in 0..<count {
      let index = Int(exactly: frame.input()[i].rounded(.towardZero)) ?? 0
      guard index >= -rows, index < rows else { continue }
      Sums.add(
        dy + i * width, to: gradient + (index < 0 ? index + rows : index) * width, count: width)
    }
  }
}
