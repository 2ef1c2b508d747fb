import CKernels

/// The way back of one call of a convolution over one or two dimensions: its kernel packed the other
/// way around, which depends on the call's padding, and the loops of CKernels.
final class ConvolutionBack {
  private var geometry: ck_conv_geometry
  private let packed: UnsafeMutablePointer<Float>

  init(_ windows: [Window], channels: Int, outputs: Int, groups: Int) {
    geometry = ck_conv_geometry(windows, channels: channels, outputs: outputs, groups: groups)
    packed = Floats.allocate(ck_conv2d_transposed_size(&geometry))
  }

  deinit { packed.deallocate() }

  /// Takes a kernel `[kernel…][channels of a group][outputs]`.
  func pack(_ values: UnsafePointer<Float>) {
    ck_conv2d_pack_transposed(&geometry, values, packed)
  }

  var scratch: Int {
    var geometry = geometry
    return max(
      ck_conv2d_input_gradient_scratch_size(&geometry),
      ck_conv2d_kernel_gradient_scratch_size(&geometry))
  }

  /// Writes the gradient of the input.
  func input(
    images: Int, _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var geometry = geometry
    ck_conv2d_input_gradient(&geometry, packed, images, dy, dx, scratch)
  }

  /// Adds to `gradient`, laid out as the kernel.
  func addKernel(
    images: Int, _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    to gradient: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    var geometry = geometry
    ck_conv2d_kernel_gradient(&geometry, images, x, dy, gradient, scratch)
  }
}
