/// `Activation`: a function by name.
final class ActivationLayer: Layer {
  static let classNames = ["Activation"]

  let activation: Activation

  init(_ definition: Definition) throws(LayerFault) {
    activation = try definition.activation("activation")
  }

  var worksInPlace: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    [Signal(try call.only().shape, mask: .same(as: 0))]
  }

  func forward(_ frame: Frame) {
    let input = frame.call.inputs[0]
    activation.apply(
      frame.input(), frame.output(), rows: frame.rows * input.outer, width: input.width)
  }
}
