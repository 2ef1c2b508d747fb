/// The way back of a convolution of every channel by itself, with kernels
/// `[kernel…][channels][multiplier]`.
struct DepthwiseGradient {
  let windows: [Window]
  let channels: Int
  let outputs: Int

  /// Adds to `gradient`, laid out as the kernel, what `images` images give.
  func addKernel(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, images: Int,
    to gradient: UnsafeMutablePointer<Float>
  ) {
    let multiplier = outputs / channels
    forEachTap(images: images) { pixel, position, tap in
      let (x, dy) = (x + pixel * channels, dy + position * outputs)
      let taps = gradient + tap * outputs
      if multiplier == 1 {
        for c in 0..<channels { taps[c] += x[c] * dy[c] }
      } else {
        for c in 0..<outputs { taps[c] += x[c / multiplier] * dy[c] }
      }
    }
  }

  /// Writes the gradient of the input.
  func input(
    _ kernel: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, images: Int,
    into dx: UnsafeMutablePointer<Float>
  ) {
    let multiplier = outputs / channels
    dx.update(repeating: 0, count: images * windows.reduce(channels) { $0 * $1.input })
    forEachTap(images: images) { pixel, position, tap in
      let (dx, dy) = (dx + pixel * channels, dy + position * outputs)
      let taps = kernel + tap * outputs
      if multiplier == 1 {
        for c in 0..<channels { dx[c] += taps[c] * dy[c] }
      } else {
        for c in 0..<outputs { dx[c / multiplier] += taps[c] * dy[c] }
      }
    }
  }

  /// Calls `body` for every position and every place of its window that is inside of the image.
  @inline(__always)
  private func forEachTap(images: Int, _ body: (_ pixel: Int, _ position: Int, _ tap: Int) -> Void)
  {
    let rows = windows.count > 1 ? windows[windows.count - 2] : .none
    let columns = windows[windows.count - 1]
    for image in 0..<images {
      for i in 0..<rows.output {
        for h in 0..<rows.kernel {
          let line = i * rows.stride - rows.before + h * rows.dilation
          guard line >= 0, line < rows.input else { continue }
          for j in 0..<columns.output {
            for w in 0..<columns.kernel {
              let column = j * columns.stride - columns.before + w * columns.dilation
              guard column >= 0, column < columns.input else { continue }
              body(
                (image * rows.input + line) * columns.input + column,
                (image * rows.output + i) * columns.output + j, h * columns.kernel + w)
            }
          }
        }
      }
    }
  }
}
