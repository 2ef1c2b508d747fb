/// What a `Bidirectional` makes of the outputs of its two layers: its inputs are what the forward and
/// the backward layer gave. No class of Keras by itself.
final class DirectionMerge: Layer {
  enum Mode: String { case concat, sum, ave, mul }

  static let classNames: [String] = []

  private let mode: Mode
  /// Whether there are time steps, the second input's in the order of its computation.
  private let turnsSteps: Bool

  init(_ mode: Mode, turnsSteps: Bool) {
    self.mode = mode
    self.turnsSteps = turnsSteps
  }

  init(_ definition: Definition) throws(LayerFault) {
    throw .unsupported("a merge of directions by itself")
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let (a, b) = (call.inputs[0], call.inputs[1])
    guard a.rank >= 1,
      mode == .concat ? a.shape.dropLast() == b.shape.dropLast() : a.shape == b.shape
    else {
      throw .bad("the two directions give \(a.text) and \(b.text), which do not go together")
    }
    let width = mode == .concat ? a.width + b.width : a.width
    return [Signal(a.shape.dropLast() + [width], mask: .same(as: 0))]
  }

  func forward(_ frame: Frame) {
    let (a, b) = (frame.call.inputs[0], frame.call.inputs[1])
    let steps = turnsSteps ? a.shape[0] : 1
    let lines = a.outer / max(1, steps)
    for row in 0..<frame.rows {
      for step in 0..<steps {
        for line in 0..<lines {
          let place = (row * steps + step) * lines + line
          let other = (row * steps + steps - 1 - step) * lines + line
          merge(
            frame.input(0) + place * a.width, a.width,
            frame.input(1) + (turnsSteps ? other : place) * b.width, b.width,
            into: frame.output() + place * frame.outputs[0].width)
        }
      }
    }
  }

  private func merge(
    _ a: UnsafePointer<Float>, _ width: Int, _ b: UnsafePointer<Float>, _ other: Int,
    into y: UnsafeMutablePointer<Float>
  ) {
    switch mode {
    case .concat:
      y.update(from: a, count: width)
      (y + width).update(from: b, count: other)
    case .sum: for i in 0..<width { y[i] = a[i] + b[i] }
    case .ave: for i in 0..<width { y[i] = (a[i] + b[i]) / 2 }
    case .mul: for i in 0..<width { y[i] = a[i] * b[i] }
    }
  }
}
