/// `RepeatVector`: a vector, n times over.
final class RepeatVector: Layer {
  static let classNames = ["RepeatVector"]

  private let times: Int

  init(_ definition: Definition) throws(LayerFault) { times = try definition.int("n") }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    guard input.rank == 1 else {
      throw .bad("repeats vectors and is given the shape \(input.text)")
    }
    return [Signal([times, input.width])]
  }

  func forward(_ frame: Frame) {
    let width = frame.call.inputs[0].width
    for row in 0..<frame.rows {
      for k in 0..<times {
        (frame.output() + (row * times + k) * width).update(
          from: frame.input() + row * width, count: width)
      }
    }
  }
}

extension RepeatVector: Trainable {
  var backwardReads: BackwardReads { [] }

  func backward(_ frame: TrainingFrame) {
    guard let dx = frame.inputGradient() else { return }
    let width = frame.call.inputs[0].width
    dx.update(repeating: 0, count: frame.rows * width)
    for row in 0..<frame.rows {
      ColumnSums.add(
        frame.outputGradient() + row * times * width, rows: times, width: width,
        to: dx + row * width)
    }
  }
}
