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
    let (a, b) = (frame.call.inputs[0].width, frame.call.inputs[1].width)
    forEachLine(frame.call, rows: frame.rows) { place, other in
      merge(
        frame.input(0) + place * a, a, frame.input(1) + other * b, b,
        into: frame.output() + place * frame.outputs[0].width)
    }
  }

  /// Calls `work` for every last dimension: its place in the output and the first input, and its
  /// place in the second one.
  private func forEachLine(
    _ call: Invocation, rows: Int, _ work: (_ place: Int, _ other: Int) -> Void
  ) {
    let steps = turnsSteps ? call.inputs[0].shape[0] : 1
    let lines = call.inputs[0].outer / max(1, steps)
    for row in 0..<rows {
      for step in 0..<steps {
        for line in 0..<lines {
          let place = (row * steps + step) * lines + line
          work(place, turnsSteps ? (row * steps + steps - 1 - step) * lines + line : place)
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

extension DirectionMerge: Trainable {
  var backwardReads: BackwardReads { mode == .mul ? [.inputs] : [] }

  func backward(_ frame: TrainingFrame) {
    let (a, b) = (frame.call.inputs[0].width, frame.call.inputs[1].width)
    let width = frame.frame.outputs[0].width
    let (first, second) = (frame.inputGradient(0), frame.inputGradient(1))
    forEachLine(frame.call, rows: frame.rows) { place, other in
      let dy = frame.outputGradient() + place * width
      if let first {
        spread(dy, a, frame.input(1) + other * b, into: first + place * a)
      }
      if let second {
        let own = mode == .concat ? dy + a : dy
        spread(own, b, frame.input(0) + place * a, into: second + other * b)
      }
    }
  }

  /// What comes back to one direction, beside what the other one gave.
  private func spread(
    _ dy: UnsafePointer<Float>, _ width: Int, _ partner: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    switch mode {
    case .concat, .sum: dx.update(from: dy, count: width)
    case .ave: for i in 0..<width { dx[i] = dy[i] / 2 }
    case .mul: for i in 0..<width { dx[i] = dy[i] * partner[i] }
    }
  }
}
