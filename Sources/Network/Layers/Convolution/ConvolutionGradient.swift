/// The way back of a convolution by patches: products of matrices over what every window sees.
///
/// It takes any windows of one to three dimensions, groups included. The kernel is
/// `[kernel…][channels of a group][outputs]` as Keras has it.
struct ConvolutionGradient {
  let windows: [Window]
  let channels: Int
  let outputs: Int
  let groups: Int

  private var patches: Patches { Patches(windows, channels: channels, groups: groups) }
  private var places: Int { windows.reduce(1) { $0 * $1.kernel } }
  private var positions: Int { windows.reduce(1) { $0 * $1.output } }

  /// Adds to `gradient`, laid out as the kernel, what `images` images give.
  func addKernel(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, images: Int,
    to gradient: UnsafeMutablePointer<Float>
  ) {
    let (own, out) = (channels / groups, outputs / groups)
    var done = [Int](repeating: 0, count: groups)
    withoutActuallyEscaping(
      { (rows: UnsafePointer<Float>, count: Int, stride: Int, group: Int) in
        let first = done[group]
        done[group] += count
        Product.multiplyTransposed(
          rows, stride: stride, columns: places * own, rows: count,
          dy + first * outputs + group * out, stride: outputs, width: out,
          into: gradient + group * out, resultStride: outputs)
      }
    ) { patches.give(x, images: images, to: $0) }
  }

  /// Writes the gradient of the input.
  func input(
    _ kernel: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, images: Int,
    into dx: UnsafeMutablePointer<Float>
  ) {
    let (own, out) = (channels / groups, outputs / groups)
    dx.update(repeating: 0, count: images * windows.reduce(channels) { $0 * $1.input })
    patches.scatter(images: images, into: dx) { image, first, count, group, rows, stride in
      Product.multiply(
        dy + (image * positions + first) * outputs + group * out, stride: outputs, rows: count,
        kernel + group * out, stride: outputs, isTransposed: true, inner: out,
        columns: places * own, into: rows, stride: stride)
    }
  }
}
