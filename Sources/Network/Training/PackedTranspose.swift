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

  func pack(_ kernel: UnsafePointer<Float>) { pack(kernel, stride: outputs) }

  /// The same for a kernel whose rows are `stride` floats apart.
  func pack(_ kernel: UnsafePointer<Float>, stride: Int) {
    // By blocks of a few lines, so that what is written stays in the cache.
    let block = 16
    for first in Swift.stride(from: 0, to: outputs, by: block) {
      let last = min(outputs, first + block)
      for row in 0..<inputs {
        let from = kernel + row * stride
        for column in first..<last { turned[column * inputs + row] = from[column] }
      }
    }
    ck_dense_pack(Int32(outputs), Int32(inputs), turned, packed)
  }

  /// `[rows][outputs]` to `[rows][inputs]`, or with `adding` the same added to what is there.
  func multiply(
    _ dy: UnsafePointer<Float>, rows: Int, into dx: UnsafeMutablePointer<Float>,
    adding: Bool = false
  ) {
    multiply(dy, stride: outputs, rows: rows, into: dx, stride: inputs, adding: adding)
  }

  /// The same for rows that are so many floats apart, added to `dx` where `adding`.
  func multiply(
    _ dy: UnsafePointer<Float>, stride: Int, rows: Int, into dx: UnsafeMutablePointer<Float>,
    stride step: Int, adding: Bool = false
  ) {
    var epilogue = ck_epilogue()
    epilogue.accumulate = adding
    ck_dense(Int32(outputs), Int32(inputs), packed, &epilogue, rows, dy, stride, dx, step)
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
