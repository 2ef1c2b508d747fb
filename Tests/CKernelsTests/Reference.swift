import CKernels

/// A geometry with what Keras's `same` (or no) padding makes of the output.
func geometry(
  height: Int, width: Int, channels: Int, outChannels: Int, kernel: (Int, Int), stride: (Int, Int),
  dilation: (Int, Int) = (1, 1), same: Bool, groups: Int = 1
) -> ck_conv_geometry? {
  func side(_ size: Int, _ taps: Int, _ stride: Int, _ dilation: Int) -> (out: Int, pad: Int) {
    let span = (taps - 1) * dilation + 1
    guard same else { return ((size - span) / stride + 1, 0) }
    let out = (size + stride - 1) / stride
    return (out, max(0, (out - 1) * stride + span - size) / 2)
  }
  guard same || (height > (kernel.0 - 1) * dilation.0 && width > (kernel.1 - 1) * dilation.1) else {
    return nil
  }
  let (rows, top) = side(height, kernel.0, stride.0, dilation.0)
  let (columns, left) = side(width, kernel.1, stride.1, dilation.1)
  var g = ck_conv_geometry()
  (g.height, g.width, g.channels) = (Int32(height), Int32(width), Int32(channels))
  (g.out_height, g.out_width, g.out_channels) = (Int32(rows), Int32(columns), Int32(outChannels))
  (g.kernel_height, g.kernel_width) = (Int32(kernel.0), Int32(kernel.1))
  (g.stride_height, g.stride_width) = (Int32(stride.0), Int32(stride.1))
  (g.dilation_height, g.dilation_width) = (Int32(dilation.0), Int32(dilation.1))
  (g.pad_top, g.pad_left, g.groups) = (Int32(top), Int32(left), Int32(groups))
  return g
}

extension ck_conv_geometry {
  var inputSize: Int { Int(height) * Int(width) * Int(channels) }
  var outputSize: Int { Int(out_height) * Int(out_width) * Int(out_channels) }
  var positions: Int { Int(out_height) * Int(out_width) }

  /// Calls `body` with each output position, each tap of its window that lies inside of the image,
  /// and the first channel there.
  func eachTap(_ body: (_ position: Int, _ tap: Int, _ pixel: Int) -> Void) {
    for i in 0..<Int(out_height) {
      for j in 0..<Int(out_width) {
        for k in 0..<Int(kernel_height) {
          let row = i * Int(stride_height) - Int(pad_top) + k * Int(dilation_height)
          guard row >= 0, row < Int(height) else { continue }
          for l in 0..<Int(kernel_width) {
            let column = j * Int(stride_width) - Int(pad_left) + l * Int(dilation_width)
            guard column >= 0, column < Int(width) else { continue }
            body(
              i * Int(out_width) + j, k * Int(kernel_width) + l,
              (row * Int(width) + column) * Int(channels))
          }
        }
      }
    }
  }
}

/// Products summed in double precision, and the sums of their magnitudes.
struct Sums {
  var value: [Double]
  var size: [Double]

  init(count: Int) {
    value = Array(repeating: 0, count: count)
    size = value
  }

  mutating func add(_ i: Int, _ a: Float, _ b: Float) {
    let product = Double(a) * Double(b)
    value[i] += product
    size[i] += abs(product)
  }
}

/// One image through a Keras kernel [taps][channels/groups][out channels].
func convolved(_ g: ck_conv_geometry, _ kernel: [Float], _ image: ArraySlice<Float>) -> Sums {
  var sums = Sums(count: g.outputSize)
  let (groups, out) = (Int(g.groups), Int(g.out_channels))
  let (inGroup, outGroup) = (Int(g.channels) / groups, out / groups)
  image.withUnsafeBufferPointer { image in
    g.eachTap { position, tap, pixel in
      for o in 0..<out {
        let first = o / outGroup * inGroup
        for c in 0..<inGroup {
          sums.add(
            position * out + o, image[pixel + first + c], kernel[(tap * inGroup + c) * out + o])
        }
      }
    }
  }
  return sums
}

/// One image through a depthwise kernel [taps][channels][multiplier].
func depthwiseConvolved(_ g: ck_conv_geometry, _ kernel: [Float], _ image: ArraySlice<Float>)
  -> Sums
{
  var sums = Sums(count: g.outputSize)
  let out = Int(g.out_channels)
  let multiplier = out / Int(g.channels)
  image.withUnsafeBufferPointer { image in
    g.eachTap { position, tap, pixel in
      for o in 0..<out {
        sums.add(position * out + o, image[pixel + o / multiplier], kernel[tap * out + o])
      }
    }
  }
  return sums
}

/// An epilogue with the numbers it points to.
final class Epilogue {
  var value = ck_epilogue()
  private let scale: Floats?, shift: Floats?, residual: Floats?

  /// A mix of what an epilogue can do, from the stream.
  init(_ stream: inout Stream, channels: Int, count: Int) {
    scale = stream.integer(0...1) == 1 ? Floats(stream.floats(channels)) : nil
    shift = stream.integer(0...1) == 1 ? Floats(stream.floats(channels)) : nil
    residual = stream.integer(0...2) == 0 ? Floats(stream.floats(count)) : nil
    value.scale = UnsafePointer(scale?.pointer)
    value.shift = UnsafePointer(shift?.pointer)
    value.residual = UnsafePointer(residual?.pointer)
    value.activation = Int32(stream.integer(0...3))
    value.slope = 0.3
    value.accumulate = stream.integer(0...3) == 0
  }

  /// What becomes of `sums`, with `before` in y.
  func applied(to sums: Sums, before: ArraySlice<Float>, offset: Int, channels: Int) -> Sums {
    var result = sums
    for i in 0..<sums.value.count {
      var (v, size) = (sums.value[i], sums.size[i])
      if value.accumulate {
        v += Double(before[before.startIndex + i])
        size += abs(Double(before[before.startIndex + i]))
      }
      if let scale {
        v *= Double(scale.pointer[i % channels])
        size *= abs(Double(scale.pointer[i % channels]))
      }
      if let shift {
        v += Double(shift.pointer[i % channels])
        size += abs(Double(shift.pointer[i % channels]))
      }
      if let residual {
        v += Double(residual.pointer[offset + i])
        size += abs(Double(residual.pointer[offset + i]))
      }
      switch value.activation {
      case Int32(CK_RELU): v = max(v, 0)
      case Int32(CK_RELU6): v = min(max(v, 0), 6)
      case Int32(CK_LEAKY_RELU): v = v < 0 ? v * Double(value.slope) : v
      default: break
      }
      (result.value[i], result.size[i]) = (v, size)
    }
    return result
  }
}
