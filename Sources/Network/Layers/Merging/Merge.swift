import JSON
import Keras

/// Keras 1's one merging layer for all: a sum, a concatenation, a product of vectors, by its `mode`.
final class Merge: Delegating {
  static let classNames = ["Merge"]

  let inner: any Trainable

  init(_ definition: Definition) throws(LayerFault) {
    let mode = definition.settings.text("mode") ?? "sum"
    guard definition.settings.text("mode_type") ?? "raw" == "raw" else {
      throw .unsupported("a merge by Python code")
    }
    switch mode {
    case "sum": inner = try Merging(operation: "Add", age: .one)
    case "mul": inner = try Merging(operation: "Multiply", age: .one)
    case "ave": inner = try Merging(operation: "Average", age: .one)
    case "max": inner = try Merging(operation: "Maximum", age: .one)
    case "concat":
      inner = Concatenate(
        axis: try definition.int("concat_axis", least: -16, default: -1), age: .one)
    case "dot":
      inner = Dot(axes: definition.settings.value("dot_axes") ?? -1, normalizes: false, age: .one)
    case "cos": inner = Cosine()
    default: throw .unsupported("the merge mode '\(mode.printable(limit: 40))'")
    }
  }
}

/// Keras 1's mode `cos`: the cosine between two vectors, as a 1 × 1 matrix.
final class Cosine: Layer {
  static let classNames: [String] = []

  init() {}
  init(_ definition: Definition) throws(LayerFault) {}

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    guard call.inputs.count == 2, call.inputs[0] == call.inputs[1], call.inputs[0].rank == 1 else {
      throw .unsupported("the cosine of other inputs than two vectors of one length")
    }
    return [Signal([1, 1])]
  }

  func forward(_ frame: Frame) {
    let width = frame.call.inputs[0].width
    for row in 0..<frame.rows {
      let (a, b) = (frame.input(0) + row * width, frame.input(1) + row * width)
      var (product, left, right): (Float, Float, Float) = (0, 0, 0)
      for i in 0..<width {
        product += a[i] * b[i]
        left += a[i] * a[i]
        right += b[i] * b[i]
      }
      // Not less than Keras 1's epsilon.
      frame.output()[row] = product / max((left * right).squareRoot(), 1e-7)
    }
  }
}

extension Cosine: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  func backward(_ frame: TrainingFrame) {
    let width = frame.call.inputs[0].width
    for row in 0..<frame.rows {
      let (a, b) = (frame.input(0) + row * width, frame.input(1) + row * width)
      var (product, left, right): (Float, Float, Float) = (0, 0, 0)
      for i in 0..<width {
        product += a[i] * b[i]
        left += a[i] * a[i]
        right += b[i] * b[i]
      }
      let lengths = (left * right).squareRoot()
      let factor = frame.outputGradient()[row] / max(lengths, 1e-7)
      // Lengths that are too small to divide by have no part in it.
      let (byLeft, byRight) = lengths > 1e-7 ? (product / left, product / right) : (0, 0)
      if let dx = frame.inputGradient(0) {
        for i in 0..<width { dx[row * width + i] = factor * (b[i] - a[i] * byLeft) }
      }
      if let dx = frame.inputGradient(1) {
        for i in 0..<width { dx[row * width + i] = factor * (a[i] - b[i] * byRight) }
      }
    }
  }
}
