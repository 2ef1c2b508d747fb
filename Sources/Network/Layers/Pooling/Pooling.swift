import CKernels
import Keras

/// `MaxPooling1D` to `3D` and `AveragePooling1D` to `3D`. What is padding counts for nothing.
final class Pooling: Layer {
  static let classNames = (1...3).flatMap { rank in
    ["MaxPooling", "AveragePooling", "MaxPool", "AvgPool"].map { "\($0)\(rank)D" }
  }
  static let hasChannels = true

  private let rank: Int
  private let isMaximum: Bool
  private let pool: [Int]
  private let strides: [Int]
  private let padding: Window.Padding

  init(_ definition: Definition) throws(LayerFault) {
    rank = try ConvolutionSettings.rank(of: definition.className)
    isMaximum = definition.className.hasPrefix("Max")
    pool = try definition.ints("pool_size", "pool_length", count: rank, default: 2)
    strides =
      definition.settings.value("strides", "stride") == nil
      ? pool : try definition.ints("strides", "stride", count: rank)
    let word = try definition.choice(
      "padding", "border_mode", among: ["valid", "same"], default: "valid")
    padding = word == "same" ? .same : .valid
  }

  private func windows(_ input: Signal) throws(LayerFault) -> [Window] {
    guard input.rank == rank + 1 else {
      throw .bad("takes \(rank + 1) dimensions and is given the shape \(input.text)")
    }
    var windows: [Window] = []
    for i in 0..<rank {
      windows.append(
        try Window(input.shape[i], kernel: pool[i], stride: strides[i], padding: padding))
    }
    return windows
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    return [Signal(try windows(input).map(\.output) + [input.width])]
  }

  /// A third dimension: the pooled slices of a window, one after another.
  func scratch(_ call: Invocation, rows: Int) -> Int {
    guard rank == 3, let windows = try? windows(call.inputs[0]) else { return 0 }
    return windows[1].output * windows[2].output * call.inputs[0].width * windows[0].kernel
  }

  func forward(_ frame: Frame) {
    let input = frame.call.inputs[0]
    guard let windows = try? windows(input) else { preconditionFailure("infer has checked it") }
    if rank == 3 { return slices(windows, frame) }
    pool(
      ck_conv_geometry(windows, channels: input.width, outputs: input.width), frame.rows,
      frame.input(), frame.output())
  }

  private func pool(
    _ geometry: ck_conv_geometry, _ images: Int, _ x: UnsafePointer<Float>,
    _ y: UnsafeMutablePointer<Float>
  ) {
    var geometry = geometry
    if isMaximum {
      ck_pool_max(&geometry, images, x, y)
    } else {
      ck_pool_average(&geometry, images, x, y)
    }
  }

  /// Pools rows and columns of every slice, then those of a window over the depth: the windows are
  /// boxes, whose mean is the mean of the means of their real slices.
  private func slices(_ windows: [Window], _ frame: Frame) {
    let channels = frame.call.inputs[0].width
    let geometry = ck_conv_geometry(windows, channels: channels, outputs: channels)
    let slab = windows[1].input * windows[2].input * channels
    let outSlab = windows[1].output * windows[2].output * channels
    let depth = windows[0]
    for row in 0..<frame.rows {
      for out in 0..<depth.output {
        let first = out * depth.stride - depth.before
        let inside = max(0, first)..<min(depth.input, first + depth.kernel)
        for (i, d) in inside.enumerated() {
          pool(
            geometry, 1, frame.input() + (row * depth.input + d) * slab,
            frame.scratch + i * outSlab)
        }
        let target = frame.output() + (row * depth.output + out) * outSlab
        if isMaximum {
          ck_global_max(1, inside.count, Int32(outSlab), frame.scratch, target)
        } else {
          ck_global_average(1, inside.count, Int32(outSlab), frame.scratch, target)
        }
      }
    }
  }
}
