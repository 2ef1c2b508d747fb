import Keras

/// `Activation` and the layers that are one function of their input: `ReLU`, `LeakyReLU`, `ELU`,
/// `ThresholdedReLU`.
final class ActivationLayer: Layer {
  static let classNames = ["Activation", "ReLU", "LeakyReLU", "ELU", "ThresholdedReLU"]

  let activation: Activation

  init(_ definition: Definition) throws(LayerFault) {
    activation = try Activation(layer: definition.className, definition.settings)
  }

  init(_ activation: Activation) { self.activation = activation }

  var worksInPlace: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    guard !activation.isElementwise else { return [Signal(input.shape, mask: .same(as: 0))] }
    guard input.rank > 0 else { throw .bad("takes rows and is given single numbers") }
    let width = try activation.width(from: input.width)
    return [Signal(input.shape.dropLast() + [width], mask: .same(as: 0))]
  }

  func forward(_ frame: Frame) {
    let input = frame.call.inputs[0]
    activation.apply(
      frame.input(), frame.output(), rows: frame.rows * input.outer, width: input.width)
  }
}

extension ActivationLayer: Trainable {
  var backwardReads: BackwardReads {
    activation.isToldFromOutput ? [.outputs] : [.inputs, .outputs]
  }
  var trainsInPlace: Bool { activation.isToldFromOutput }

  func backward(_ frame: TrainingFrame) {
    guard let dx = frame.inputGradient() else { return }
    let input = frame.call.inputs[0]
    activation.backpropagate(
      x: activation.isToldFromOutput ? nil : UnsafePointer(frame.input()), y: frame.output(),
      frame.outputGradient(), into: dx, rows: frame.rows * input.outer, width: input.width)
  }
}
