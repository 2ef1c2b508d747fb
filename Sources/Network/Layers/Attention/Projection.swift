import CKernels

/// A dense projection of attention: `[inputs][outputs]` of however many dimensions, with a bias.
final class Projection {
  let inputs: Int
  let outputs: Int
  let kernel: Parameter
  let bias: Parameter?
  private let packed: UnsafeMutablePointer<Float>
  private lazy var packedBack = PackedTranspose(inputs: inputs, outputs: outputs)

  /// `contracted` dimensions of the kernel are summed over, the rest come out.
  init(_ definition: Definition, _ name: String, contracted: Int, hasBias: Bool) throws(LayerFault)
  {
    kernel = try definition.variable("\(name)/kernel")
    guard kernel.shape.count > contracted, kernel.count > 0 else {
      throw .weight("'\(name)/kernel' has the shape \(Signal.text(kernel.shape))")
    }
    inputs = kernel.shape.prefix(contracted).reduce(1, *)
    outputs = kernel.shape.dropFirst(contracted).reduce(1, *)
    bias =
      hasBias
      ? try definition.variable("\(name)/bias", shape: Array(kernel.shape.dropFirst(contracted)))
      : nil
    packed = Floats.allocate(ck_dense_packed_size(Int32(inputs), Int32(outputs)))
  }

  deinit { packed.deallocate() }

  var parameters: [Parameter] { [kernel] + (bias.map { [$0] } ?? []) }

  func prepare() { ck_dense_pack(Int32(inputs), Int32(outputs), kernel.values, packed) }

  func run(_ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>) {
    var epilogue = ck_epilogue()
    epilogue.shift = bias.map { UnsafePointer($0.values) }
    ck_dense(Int32(inputs), Int32(outputs), packed, &epilogue, rows, x, inputs, y, outputs)
  }

  // MARK: The way back

  func packBack() { packedBack.pack(kernel.values) }

  /// Adds to the gradients of kernel and bias, for `rows` rows of `x` and of the gradient of what came
  /// out.
  func addGradients(
    _ frame: TrainingFrame, _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, rows: Int
  ) {
    if let gradient = frame.gradient(of: kernel) {
      Product.multiplyTransposed(
        x, stride: inputs, columns: inputs, rows: rows, dy, stride: outputs, width: outputs,
        into: gradient)
    }
    if let bias, let gradient = frame.gradient(of: bias) {
      ColumnSums.add(dy, rows: rows, width: outputs, to: gradient)
    }
  }

  /// Writes, or adds to, the gradient of what went in.
  func runBack(
    _ dy: UnsafePointer<Float>, rows: Int, into dx: UnsafeMutablePointer<Float>,
    adding: Bool = false
  ) {
    packedBack.multiply(dy, rows: rows, into: dx, adding: adding)
  }
}
