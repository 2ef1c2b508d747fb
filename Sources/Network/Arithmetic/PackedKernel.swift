import CKernels

/// A matrix that many products take from the right, in the order in which they read it.
final class PackedKernel {
  let inputs: Int
  let outputs: Int
  private let packed: UnsafeMutablePointer<Float>

  /// Both sizes are from 1 and below 2³¹.
  init(inputs: Int, outputs: Int) {
    self.inputs = inputs
    self.outputs = outputs
    packed = Floats.allocate(ck_dense_packed_size(Int32(inputs), Int32(outputs)))
  }

  deinit { packed.deallocate() }

  /// Takes the values of `kernel`, `[inputs][outputs]`.
  func pack(_ kernel: UnsafePointer<Float>) {
    ck_dense_pack(Int32(inputs), Int32(outputs), kernel, packed)
  }

  /// `y = x·kernel + bias`, or with `adding` the same added to y, for rows of `x` and `y` that are so
  /// many floats apart.
  func multiply(
    _ x: UnsafePointer<Float>, stride: Int, into y: UnsafeMutablePointer<Float>, stride step: Int,
    rows: Int, bias: UnsafePointer<Float>? = nil, adding: Bool = false
  ) {
    var epilogue = ck_epilogue()
    epilogue.shift = bias
    epilogue.accumulate = adding
    ck_dense(Int32(inputs), Int32(outputs), packed, &epilogue, rows, x, stride, y, step)
  }
}
