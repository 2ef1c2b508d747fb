/// A matrix that many products take from the right, in the order in which they read it.
final class PackedKernel {
  let inputs: Int
  let outputs: Int
  private let packed: UnsafeMutablePointer<Float>

  init(inputs: Int, outputs: Int) {
    self.inputs = inputs
    self.outputs = outputs
    packed = Floats.allocate(inputs * outputs)
  }

  deinit { packed.deallocate() }

  /// Takes the values of `kernel`, `[inputs][outputs]`.
  func pack(_ kernel: UnsafePointer<Float>) {
    packed.update(from: kernel, count: inputs * outputs)
  }

  /// `y = x·kernel + bias`, or with `adding` the same added to y, for rows of `x` and `y` that are so
  /// many floats apart.
  func multiply(
    _ x: UnsafePointer<Float>, stride: Int, into y: UnsafeMutablePointer<Float>, stride step: Int,
    rows: Int, bias: UnsafePointer<Float>? = nil, adding: Bool = false
  ) {
    for row in 0..<rows {
      let (from, to) = (x + row * stride, y + row * step)
      if !adding { to.update(repeating: 0, count: outputs) }
      if let bias { for j in 0..<outputs { to[j] += bias[j] } }
      for k in 0..<inputs {
        let (value, line) = (from[k], packed + k * outputs)
        for j in 0..<outputs { to[j] += value * line[j] }
      }
    }
  }
}
