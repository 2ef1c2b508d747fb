import CKernels
import Keras
import Tensors

/// `Dense`: y = activation(x·kernel + bias), along the last dimension.
final class Dense: ProductLayer {
  static let classNames = ["Dense", "TimeDistributedDense"]

  private let kernel: Parameter
  private let bias: Parameter?
  private let inputs: Int
  private let units: Int
  private let packed: UnsafeMutablePointer<Float>
  /// The kernel packed the other way around, for the gradient of the input.
  private lazy var packedBack = PackedTranspose(inputs: inputs, outputs: units)
  let following: Following

  init(_ definition: Definition) throws(LayerFault) {
    units = try definition.int("units", "output_dim")
    kernel = try definition.variable("kernel", rank: 2)
    guard kernel.shape[1] == units, kernel.shape[0] > 0 else {
      throw .weight("'kernel' has the shape \(Signal.text(kernel.shape)) for \(units) units")
    }
    inputs = kernel.shape[0]
    bias = definition.settings.hasBias ? try definition.variable("bias", shape: [units]) : nil
    following = try Following(
      bias: bias, activation: try definition.activation("activation"), channels: units)
    packed = Floats.allocate(ck_dense_packed_size(Int32(inputs), Int32(units)))
  }

  deinit { packed.deallocate() }

  var parameters: [Parameter] { [kernel] + (bias.map { [$0] } ?? []) }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    guard input.rank >= 1, input.width == inputs else {
      throw .bad("takes \(inputs) values and is given the shape \(input.text)")
    }
    return [Signal(input.shape.dropLast() + [following.width], mask: .same(as: 0))]
  }

  func prepare() { ck_dense_pack(Int32(inputs), Int32(units), kernel.values, packed) }

  func scratch(_ call: Invocation, rows: Int, following: Following) -> Int {
    following.scratch(rows: rows * call.inputs[0].outer)
  }

  func forward(_ frame: Frame, following: Following) {
    let rows = frame.rows * frame.call.inputs[0].outer
    following.run(frame, rows: rows, scratch: frame.scratch) { y, epilogue in
      var epilogue = epilogue
      ck_dense(
        Int32(inputs), Int32(units), packed, &epilogue, rows, frame.input(), inputs, y, units)
    }
  }
}

extension Dense: Calibrated {
  var kernelUses: [KernelUse] {
    [KernelUse(kernel, KernelMatrices(shape: kernel.shape, inputs: [0], outputs: [1]), bias: bias)]
  }

  func giveInputs(of use: Int, in frame: Frame, to take: RowTaker) {
    take(frame.input(), frame.rows * frame.call.inputs[0].outer, inputs, 0)
  }
}

extension Dense: Trainable {
  var backwardReads: BackwardReads { [] }

  func prepareForTraining(wantsInputs: Bool) {
    prepare()
    if wantsInputs { packedBack.pack(kernel.values) }
  }

  func deferredProducts(_ call: Invocation) -> [DeferredProduct] {
    [DeferredProduct(kernel: kernel, inputWidth: inputs, outputWidth: units)]
  }

  func backward(_ frame: TrainingFrame) {
    let rows = frame.rows * frame.call.inputs[0].outer
    let dy = frame.outputGradient()
    if let bias, let gradient = frame.gradient(of: bias) {
      ColumnSums.add(dy, rows: rows, width: units, to: gradient)
    }
    if let dx = frame.inputGradient() { packedBack.multiply(dy, rows: rows, into: dx) }
  }
}
