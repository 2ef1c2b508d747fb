import Keras

/// `Dense`: y = activation(x·kernel + bias), along the last dimension.
final class Dense: Layer {
  static let classNames = ["Dense", "TimeDistributedDense"]

  private let kernel: Parameter
  private let bias: Parameter?
  private let activation: Activation
  private let units: Int

  init(_ definition: Definition) throws(LayerFault) {
    units = try definition.int("units", "output_dim")
    activation = try definition.activation("activation")
    kernel = try definition.variable("kernel", rank: 2)
    guard kernel.shape[1] == units else {
      throw .weight("'kernel' has the shape \(Signal.text(kernel.shape)) for \(units) units")
    }
    bias = definition.settings.hasBias ? try definition.variable("bias", shape: [units]) : nil
  }

  var parameters: [Parameter] { [kernel] + (bias.map { [$0] } ?? []) }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    guard input.rank >= 1, input.width == kernel.shape[0] else {
      throw .bad("takes \(kernel.shape[0]) values and is given the shape \(input.text)")
    }
    return [Signal(input.shape.dropLast() + [units], mask: .same(as: 0))]
  }

  func forward(_ frame: Frame) {
    let rows = frame.rows * frame.call.inputs[0].outer
    let y = frame.output()
    Product.multiply(
      frame.input(), rows: rows, kernel.values, inner: kernel.shape[0], columns: units, into: y)
    if let bias { Rows.add(bias.values, to: y, rows: rows, width: units) }
    activation.apply(y, y, rows: rows, width: units)
  }
}
