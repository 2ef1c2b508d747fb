import CKernels

/// The way back of a convolution of every channel by itself, with kernels
/// `[kernel…][channels][multiplier]`.
struct DepthwiseGradient {
  private var geometry: ck_conv_geometry

  init(windows: [Window], channels: Int, outputs: Int) {
    geometry = ck_conv_geometry(windows, channels: channels, outputs: outputs)
  }

  /// Floats that both ways need.
  var scratch: Int {
    var geometry = geometry
    return ck_depthwise_gradient_scratch_size(&geometry)
  }

  /// Adds to `gradient`, laid out as the kernel, what `images` images give.
  func addKernel(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, images: Int,
    to gradient: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    var geometry = geometry
    ck_depthwise_kernel_gradient(&geometry, images, x, dy, gradient, scratch)
  }

  /// Writes the gradient of the input.
  func input(
    _ kernel: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, images: Int,
    into dx: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    var geometry = geometry
    ck_depthwise_input_gradient(&geometry, kernel, images, dy, dx, scratch)
  }
}
