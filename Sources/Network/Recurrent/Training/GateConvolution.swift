import CKernels

/// A convolution that gives the four gates of a `ConvLSTM`, on both ways of training. Images are
/// `[steps][rows]`; where dropout gives every gate an image of its own, each is convolved for all
/// gates and one of them is taken.
final class GateConvolution {
  private let forward: PackedConvolution
  private let windows: [Window]
  /// The loops of CKernels, where they have the dimensions.
  private let back: ConvolutionBack?
  private let patches: ConvolutionGradient
  private let kernel: UnsafeMutablePointer<Float>
  private let kernelCount: Int
  private let filters: Int
  /// Floats of an image that goes in, and positions of what comes out.
  private let inputs: Int
  private let positions: Int

  init(_ forward: PackedConvolution, _ windows: [Window], channels: Int, filters: Int) {
    self.forward = forward
    self.windows = windows
    self.filters = filters
    back =
      windows.count < 3
      ? ConvolutionBack(windows, channels: channels, outputs: 4 * filters, groups: 1) : nil
    patches = ConvolutionGradient(
      windows: windows, channels: channels, outputs: 4 * filters, groups: 1)
    kernelCount = windows.reduce(channels * 4 * filters) { $0 * $1.kernel }
    kernel = Floats.allocate(kernelCount)
    inputs = windows.reduce(channels) { $0 * $1.input }
    positions = windows.reduce(1) { $0 * $1.output }
  }

  deinit { kernel.deallocate() }

  /// Floats of what comes out, all gates.
  var width: Int { positions * 4 * filters }

  /// Takes a kernel of all gates, for the way back.
  func pack(_ values: UnsafePointer<Float>) {
    kernel.update(from: values, count: kernelCount)
    back?.pack(values)
  }

  /// `isMasked`: whether gates have masks.
  func scratch(images: Int, isMasked: Bool) -> Int {
    max(forward.scratch(windows), back?.scratch ?? 0)
      + (isMasked ? images * (inputs + width) : 0)
  }

  /// z = x ⋆ kernel, with what the epilogue adds.
  func multiply(
    _ x: UnsafePointer<Float>, rows: Int, steps: Int, masks: UnsafePointer<Float>?,
    _ epilogue: ck_epilogue, into z: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let images = rows * steps
    guard let masks else {
      return forward.run(windows, images: images, x, epilogue, into: z, scratch: scratch)
    }
    let (seen, result) = (scratch, scratch + images * inputs)
    for gate in 0..<4 {
      mask(x, masks, gate, rows: rows, steps: steps, into: seen)
      if epilogue.accumulate { result.update(from: z, count: images * width) }
      forward.run(
        windows, images: images, seen, epilogue, into: result, scratch: result + images * width)
      copy(gate, of: result, to: z, images: images)
    }
  }

  /// The way back to the input, which is written.
  func input(
    _ dz: UnsafePointer<Float>, rows: Int, steps: Int, masks: UnsafePointer<Float>?,
    into dx: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    let images = rows * steps
    guard let masks else { return plainInput(dz, images, into: dx, scratch: scratch) }
    let (part, own) = (scratch, scratch + images * inputs)
    dx.update(repeating: 0, count: images * inputs)
    for gate in 0..<4 {
      take(gate, of: dz, into: own, images: images)
      plainInput(own, images, into: part, scratch: own + images * width)
      mask(part, masks, gate, rows: rows, steps: steps, into: part)
      Sums.add(part, to: dx, count: images * inputs)
    }
  }

  /// Adds to the gradient of the kernel of all gates.
  func addKernel(
    _ x: UnsafePointer<Float>, _ dz: UnsafePointer<Float>, rows: Int, steps: Int,
    masks: UnsafePointer<Float>?, to gradient: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let images = rows * steps
    guard let masks else { return plainKernel(x, dz, images, to: gradient, scratch: scratch) }
    let (seen, own) = (scratch, scratch + images * inputs)
    for gate in 0..<4 {
      mask(x, masks, gate, rows: rows, steps: steps, into: seen)
      take(gate, of: dz, into: own, images: images)
      plainKernel(seen, own, images, to: gradient, scratch: own + images * width)
    }
  }

  private func plainInput(
    _ dz: UnsafePointer<Float>, _ images: Int, into dx: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    if let back {
      back.input(images: images, dz, into: dx, scratch: scratch)
    } else {
      patches.input(kernel, dz, images: images, into: dx)
    }
  }

  private func plainKernel(
    _ x: UnsafePointer<Float>, _ dz: UnsafePointer<Float>, _ images: Int,
    to gradient: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    if let back {
      back.addKernel(images: images, x, dz, to: gradient, scratch: scratch)
    } else {
      patches.addKernel(x, dz, images: images, to: gradient)
    }
  }

  /// Multiplies all images by a gate's mask of their row.
  private func mask(
    _ x: UnsafePointer<Float>, _ masks: UnsafePointer<Float>, _ gate: Int, rows: Int, steps: Int,
    into y: UnsafeMutablePointer<Float>
  ) {
    let count = rows * inputs
    let mask = masks + gate * count
    for step in 0..<steps {
      for i in 0..<count { y[step * count + i] = x[step * count + i] * mask[i] }
    }
  }

  private func copy(
    _ gate: Int, of from: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>,
    images: Int
  ) {
    for position in 0..<images * positions {
      let place = (position * 4 + gate) * filters
      (target + place).update(from: from + place, count: filters)
    }
  }

  /// The gradient of one gate, those of the others being zero.
  private func take(
    _ gate: Int, of dz: UnsafePointer<Float>, into own: UnsafeMutablePointer<Float>, images: Int
  ) {
    own.update(repeating: 0, count: images * width)
    copy(gate, of: dz, to: own, images: images)
  }
}
