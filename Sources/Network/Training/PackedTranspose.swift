import CKernels

/// A kernel `[inputs][outputs]` packed for products with its transpose: `dx = dy · kernelᵀ`.
final class PackedTranspose {
  private let inputs: Int
  private let outputs: Int
  private let packed: UnsafeMutablePointer<Float>
  private let turned: UnsafeMutablePointer<Float>

  init(inputs: Int, outputs: Int) {
    self.inputs = inputs
    self.outputs = outputs
    packed = Floats.allocate(ck_dense_packed_size(Int32(outputs), Int32(inputs)))
    turned = Floats.allocate(inputs * outputs)
  }

  deinit {
    packed.deallocate()
    turned.deallocate()
  }

  func pack(_ kernel: UnsafePointer<Float>) {
    Transposition.apply(kernel, shape: [inputs, outputs], order: [1, 0], rows: 1, into: turned)
    ck_dense_pack(Int32(outputs), Int32(inputs), turned, packed)
  }

  /// `[rows][outputs]` to `[rows][inputs]`.
  func multiply(
    _ dy: UnsafePointer<Float>, rows: Int, into dx: UnsafeMutablePointer<Float>
  ) {
    var epilogue = ck_epilogue()
    ck_dense(Int32(outputs), Int32(inputs), packed, &epilogue, rows, dy, outputs, dx, inputs)
  }
}

/// Sums of the columns of a matrix: the gradient of what is added to every row.
enum ColumnSums {
  /// Adds to `sums`, `[width]`, those of `[rows][width]`.
  static func add(
    _ x: UnsafePointer<Float>, rows: Int, width: Int, to sums: UnsafeMutablePointer<Float>
  ) {
    ck_add_column_sums(x, rows, Int32(width), sums)
  }
}
