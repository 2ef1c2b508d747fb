import CKernels
import Keras

/// A convolution's kernel as `ck_conv2d` takes it, and the run over one, two or three dimensions: a
/// third one is a sum over slices.
final class PackedConvolution {
  /// By slice of the kernel's depth, one after another.
  private let packed: UnsafeMutablePointer<Float>
  private let slice: Int
  private let depth: Int
  private let inputs: Int
  private let outputs: Int
  private let groups: Int

  /// For a kernel of `kernel` spatial dimensions (one to three).
  init(kernel: [Int], inputs: Int, outputs: Int, groups: Int) {
    self.inputs = inputs
    self.outputs = outputs
    self.groups = groups
    depth = kernel.count == 3 ? kernel[0] : 1
    var geometry = Self.shape(kernel, inputs, outputs, groups)
    slice = ck_conv2d_packed_size(&geometry)
    packed = Floats.allocate(slice * depth)
    self.kernel = kernel
  }

  private let kernel: [Int]

  deinit { packed.deallocate() }

  private static func shape(_ kernel: [Int], _ inputs: Int, _ outputs: Int, _ groups: Int)
    -> ck_conv_geometry
  {
    var geometry = ck_conv_geometry()
    geometry.kernel_height = kernel.count > 1 ? Int32(kernel[kernel.count - 2]) : 1
    geometry.kernel_width = Int32(kernel[kernel.count - 1])
    geometry.channels = Int32(inputs)
    geometry.out_channels = Int32(outputs)
    geometry.groups = Int32(groups)
    return geometry
  }

  /// Takes a kernel `[kernel…][inputs / groups][outputs]`.
  func pack(_ values: UnsafePointer<Float>) {
    var geometry = Self.shape(kernel, inputs, outputs, groups)
    let count = kernel.suffix(2).reduce(1, *) * (inputs / groups) * outputs
    for d in 0..<depth { ck_conv2d_pack(&geometry, values + d * count, packed + d * slice) }
  }

  func scratch(_ windows: [Window]) -> Int {
    var geometry = ck_conv_geometry(windows, channels: inputs, outputs: outputs, groups: groups)
    return ck_conv2d_scratch_size(&geometry)
  }

  /// Runs over `images` images `[windows' inputs…][inputs]`.
  func run(
    _ windows: [Window], images: Int, _ x: UnsafePointer<Float>, _ epilogue: ck_epilogue,
    into y: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    var geometry = ck_conv_geometry(windows, channels: inputs, outputs: outputs, groups: groups)
    var epilogue = epilogue
    guard windows.count == 3 else {
      return ck_conv2d(&geometry, packed, &epilogue, images, x, y, scratch)
    }
    let window = windows[0]
    let slab = windows[1].input * windows[2].input * inputs
    let outSlab = windows[1].output * windows[2].output * outputs
    // What a plane that meets no slice of the kernel is made of: its epilogue has to run all the same.
    var zeros: UnsafeMutablePointer<Float>?
    defer { zeros?.deallocate() }
    for image in 0..<images {
      for out in 0..<window.output {
        let target = y + (image * window.output + out) * outSlab
        let first = out * window.stride - window.before
        var inside = (0..<depth).filter {
          (0..<window.input).contains(first + $0 * window.dilation)
        }
        if inside.isEmpty {
          if zeros == nil { zeros = Floats.allocate(slab) }
          inside = [0]
        }
        for (n, d) in inside.enumerated() {
          let place = first + d * window.dilation
          let isInside = (0..<window.input).contains(place)
          guard
            let source = isInside
              ? x + (image * window.input + place) * slab : zeros.map({ UnsafePointer($0) })
          else { continue }
          // The epilogue is for the whole sum.
          var partial = n == inside.count - 1 ? epilogue : ck_epilogue()
          partial.accumulate = n > 0 || epilogue.accumulate
          if n == inside.count - 1, let residual = epilogue.residual {
            partial.residual = residual + (image * window.output + out) * outSlab
          }
          ck_conv2d(&geometry, packed + d * slice, &partial, 1, source, target, scratch)
        }
      }
    }
  }
}
