import CKernels
import Keras
import Tensors

/// Keras 1's `MaxoutDense`: the largest of several linear maps, output by output.
final class MaxoutDense: Layer {
  static let classNames = ["MaxoutDense"]

  /// `[maps][inputs][outputs]`
  let kernel: Parameter
  /// `[maps][outputs]`
  let bias: Parameter?
  let maps: [PackedKernel]

  init(_ definition: Definition) throws(LayerFault) {
    kernel = try definition.variable("kernel", rank: 3)
    let shape = kernel.shape
    guard shape.allSatisfy({ $0 > 0 }) else { throw .weight("'kernel' is empty") }
    maps = (0..<shape[0]).map { _ in PackedKernel(inputs: shape[1], outputs: shape[2]) }
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

  func prepare() {
    for (k, map) in maps.enumerated() { map.pack(kernel.values + k * map.inputs * map.outputs) }
  }

  func scratch(_ call: Invocation, rows: Int) -> Int { rows * kernel.shape[2] }

  func forward(_ frame: Frame) {
    let y = frame.output()
    for (k, map) in maps.enumerated() {
      let outputs = map.outputs
      let to = k == 0 ? y : frame.scratch
      map.multiply(
        frame.input(), stride: map.inputs, into: to, stride: outputs, rows: frame.rows,
        bias: bias.map { UnsafePointer($0.values + k * outputs) })
      if k > 0 {
        Elementwise.maximum.apply(y, 1, to, 1, y, frame.rows * outputs)
      }
    }
  }
}

/// Keras 1's `Highway`: t·activation(x·kernel + bias) + (1 − t)·x with the transform gate
/// t = σ(x·carry_kernel + carry_bias).
final class Highway: Layer {
  static let classNames = ["Highway"]

  let kernel: Parameter
  let carry: Parameter
  let bias: Parameter?
  let carryBias: Parameter?
  let activation: Activation
  let width: Int
  let map: PackedKernel
  let gate: PackedKernel

  init(_ definition: Definition) throws(LayerFault) {
    kernel = try definition.variable("kernel", rank: 2)
    width = kernel.shape[0]
    guard kernel.shape == [width, width], width > 0 else {
      throw .weight("'kernel' has the shape \(Signal.text(kernel.shape)), which is no square")
    }
    carry = try definition.variable("carry_kernel", shape: kernel.shape)
    let hasBias = definition.settings.hasBias
    bias = hasBias ? try definition.variable("bias", shape: [width]) : nil
    carryBias = hasBias ? try definition.variable("carry_bias", shape: [width]) : nil
    activation = try definition.activation("activation")
    map = PackedKernel(inputs: width, outputs: width)
    gate = PackedKernel(inputs: width, outputs: width)
  }

  func prepare() {
    map.pack(kernel.values)
    gate.pack(carry.values)
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
    let (x, y, open) = (frame.input(), frame.output(), frame.scratch)
    let (rows, count) = (frame.rows, frame.rows * width)
    gate.multiply(
      x, stride: width, into: open, stride: width, rows: rows,
      bias: carryBias.map { UnsafePointer($0.values) })
    ck_activate(ck_activation(CK_SIGMOID), 0, open, open, count)
    map.multiply(
      x, stride: width, into: y, stride: width, rows: rows,
      bias: bias.map { UnsafePointer($0.values) })
    activation.apply(y, y, rows: rows, width: width)
    for i in 0..<count { y[i] = y[i] * open[i] + (1 - open[i]) * x[i] }
  }
}

extension MaxoutDense: Calibrated {
  /// Every map sees the same inputs.
  var kernelUses: [KernelUse] {
    [
      KernelUse(
        kernel, KernelMatrices(shape: kernel.shape, inputs: [1], outputs: [0, 2]), bias: bias,
        biasPlaces: Array(0..<kernel.shape[0] * kernel.shape[2]))
    ]
  }

  func giveInputs(of use: Int, in frame: Frame, to take: RowTaker) {
    take(frame.input(), frame.rows, kernel.shape[1], 0)
  }
}

extension Highway: Calibrated {
  var kernelUses: [KernelUse] {
    [(carry, carryBias), (kernel, bias)].map { kernel, bias in
      KernelUse(kernel, KernelMatrices(shape: kernel.shape, inputs: [0], outputs: [1]), bias: bias)
    }
  }

  func giveInputs(of use: Int, in frame: Frame, to take: RowTaker) {
    take(frame.input(), frame.rows, width, 0)
  }
}
