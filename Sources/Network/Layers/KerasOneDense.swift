import CKernels
import Keras

/// Keras 1's `MaxoutDense`: the largest of several linear maps, output by output.
final class MaxoutDense: Layer {
  static let classNames = ["MaxoutDense"]

  /// `[maps][inputs][outputs]`
  private let kernel: Parameter
  /// `[maps][outputs]`
  private let bias: Parameter?

  init(_ definition: Definition) throws(LayerFault) {
    kernel = try definition.variable("kernel", rank: 3)
    guard kernel.shape[0] > 0 else { throw .weight("'kernel' holds no map") }
    bias =
      definition.settings.hasBias
      ? try definition.variable("bias", shape: [kernel.shape[0], kernel.shape[2]]) : nil
  }

  var parameters: [Parameter] { [kernel] + (bias.map { [$0] } ?? []) }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    guard input.rank == 1, input.width == kernel.shape[1] else {
      throw .bad("takes \(kernel.shape[1]) values and is given the shape \(input.text)")
    }
    return [Signal([kernel.shape[2]])]
  }

  func scratch(_ call: Invocation, rows: Int) -> Int { rows * kernel.shape[2] }

  func forward(_ frame: Frame) {
    let (inputs, outputs) = (kernel.shape[1], kernel.shape[2])
    let y = frame.output()
    for map in 0..<kernel.shape[0] {
      let to = map == 0 ? y : frame.scratch
      Product.multiply(
        frame.input(), rows: frame.rows, kernel.values + map * inputs * outputs, inner: inputs,
        columns: outputs, into: to)
      if let bias {
        Rows.add(bias.values + map * outputs, to: to, rows: frame.rows, width: outputs)
      }
      if map > 0 {
        Elementwise.maximum.apply(y, 1, to, 1, y, frame.rows * outputs)
      }
    }
  }
}

/// Keras 1's `Highway`: t·activation(x·kernel + bias) + (1 − t)·x with the transform gate
/// t = σ(x·carry_kernel + carry_bias).
final class Highway: Layer {
  static let classNames = ["Highway"]

  private let kernel: Parameter
  private let carry: Parameter
  private let bias: Parameter?
  private let carryBias: Parameter?
  private let activation: Activation
  private let width: Int

  init(_ definition: Definition) throws(LayerFault) {
    kernel = try definition.variable("kernel", rank: 2)
    width = kernel.shape[0]
    guard kernel.shape == [width, width] else {
      throw .weight("'kernel' has the shape \(Signal.text(kernel.shape)), which is no square")
    }
    carry = try definition.variable("carry_kernel", shape: kernel.shape)
    let hasBias = definition.settings.hasBias
    bias = hasBias ? try definition.variable("bias", shape: [width]) : nil
    carryBias = hasBias ? try definition.variable("carry_bias", shape: [width]) : nil
    activation = try definition.activation("activation")
  }

  var parameters: [Parameter] { [kernel, carry, bias, carryBias].compactMap(\.self) }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    guard input.shape == [width] else {
      throw .bad("takes \(width) values and is given the shape \(input.text)")
    }
    return [input]
  }

  func scratch(_ call: Invocation, rows: Int) -> Int { rows * width }

  func forward(_ frame: Frame) {
    let (x, y, gate) = (frame.input(), frame.output(), frame.scratch)
    let (rows, count) = (frame.rows, frame.rows * width)
    Product.multiply(x, rows: rows, carry.values, inner: width, columns: width, into: gate)
    if let carryBias { Rows.add(carryBias.values, to: gate, rows: rows, width: width) }
    ck_activate(ck_activation(CK_SIGMOID), 0, gate, gate, count)
    Product.multiply(x, rows: rows, kernel.values, inner: width, columns: width, into: y)
    if let bias { Rows.add(bias.values, to: y, rows: rows, width: width) }
    activation.apply(y, y, rows: rows, width: width)
    for i in 0..<count { y[i] = y[i] * gate[i] + (1 - gate[i]) * x[i] }
  }
}
