import Keras

/// The shape of a tensor as a value of its own: the number of samples, then the sizes of one.
final class ShapeOperation: Layer {
  static let classNames = ["Shape"]

  private let settings: LayerReading

  init(_ definition: Definition) throws(LayerFault) { settings = definition.settings }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let arguments = OperationArguments(call: call, settings: settings)
    let (_, shape) = try arguments.shape("x", at: 0)
    return [Signal([shape.count + 1], sizes: .list([nil] + shape))]
  }

  func forward(_ frame: Frame) {
    // Read by nothing that knows what it is: sizes are known when calls are laid out.
    frame.output().update(repeating: 0, count: frame.rows * frame.outputs[0].count)
  }
}

extension ShapeOperation: Trainable {
  var backwardReads: BackwardReads { [] }

  func backward(_ frame: TrainingFrame) { frame.clearInputGradients() }
}
