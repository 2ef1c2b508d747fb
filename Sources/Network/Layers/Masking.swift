/// `Masking`: time steps that hold nothing but one value are padding, and become zero.
final class Masking: Layer {
  static let classNames = ["Masking"]

  private let value: Float

  init(_ definition: Definition) throws(LayerFault) {
    value = try definition.float("mask_value", default: 0)
  }

  var worksInPlace: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    guard input.rank >= 1 else { throw .bad("takes a list of values and is given a number") }
    return [Signal(input.shape, mask: .made(Array(input.shape.dropLast())))]
  }

  func forward(_ frame: Frame) {
    let input = frame.call.inputs[0]
    let width = input.width
    for i in 0..<frame.rows * input.outer {
      let (x, y) = (frame.input() + i * width, frame.output() + i * width)
      let counts = (0..<width).contains { x[$0] != value }
      if !counts {
        y.update(repeating: 0, count: width)
      } else if y != x {
        y.update(from: x, count: width)
      }
      frame.outputMask()?[i] = counts ? 1 : 0
    }
  }
}

extension Masking: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  /// What is padding is zero, whatever the gradient.
  func backward(_ frame: TrainingFrame) {
    guard let dx = frame.inputGradient() else { return }
    let input = frame.call.inputs[0]
    let (width, dy) = (input.width, frame.outputGradient())
    for i in 0..<frame.rows * input.outer {
      let x = frame.input() + i * width
      if (0..<width).contains(where: { x[$0] != value }) {
        (dx + i * width).update(from: dy + i * width, count: width)
      } else {
        (dx + i * width).update(repeating: 0, count: width)
      }
    }
  }
}
