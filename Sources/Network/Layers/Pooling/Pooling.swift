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

extension Pooling: Trainable {
  var backwardReads: BackwardReads { isMaximum ? [.inputs, .outputs] : [] }

  /// The gradient of a maximum goes to the first of equals; that of a mean in equal shares to what is
  /// no padding.
  func backward(_ frame: TrainingFrame) {
    guard let dx = frame.inputGradient() else { return }
    let input = frame.call.inputs[0]
    guard let own = try? windows(input) else { preconditionFailure("infer has checked it") }
    let channels = input.width
    guard rank == 3 else {
      var geometry = ck_conv_geometry(own, channels: channels, outputs: channels)
      let dy = frame.outputGradient()
      if isMaximum {
        ck_pool_max_gradient(&geometry, frame.rows, frame.input(), frame.output(), dy, dx)
      } else {
        ck_pool_average_gradient(&geometry, frame.rows, dy, dx)
      }
      return
    }
    let all = own
    let (image, result) = (input.count, frame.frame.outputs[0].count)
    dx.update(repeating: 0, count: frame.rows * image)
    func inside(_ window: Window, _ out: Int) -> Range<Int> {
      let first = out * window.stride - window.before
      return max(0, first)..<max(max(0, first), min(window.input, first + window.kernel))
    }
    for row in 0..<frame.rows {
      let (x, to) = (frame.input() + row * image, dx + row * image)
      let (y, dy) = (frame.output() + row * result, frame.outputGradient() + row * result)
      var position = 0
      for i in 0..<all[0].output {
        let depth = inside(all[0], i)
        for j in 0..<all[1].output {
          let lines = inside(all[1], j)
          for k in 0..<all[2].output {
            let columns = inside(all[2], k)
            let (top, slope) = (y + position * channels, dy + position * channels)
            position += 1
            if isMaximum {
              for c in 0..<channels {
                search: for d in depth {
                  for line in lines {
                    for column in columns {
                      let at = ((d * all[1].input + line) * all[2].input + column) * channels + c
                      if x[at] == top[c] {
                        to[at] += slope[c]
                        break search
                      }
                    }
                  }
                }
              }
            } else {
              let share = 1 / Float(depth.count * lines.count * columns.count)
              for d in depth {
                for line in lines {
                  for column in columns {
                    let at = ((d * all[1].input + line) * all[2].input + column) * channels
                    for c in 0..<channels { to[at + c] += slope[c] * share }
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}

extension Pooling: Choosing {
  var chooses: Bool { isMaximum }

  func choose(_ frame: TrainingFrame, into places: UnsafeMutablePointer<Int32>) {
    let input = frame.call.inputs[0]
    guard let own = try? windows(input) else { preconditionFailure("infer has checked it") }
    let all = [Window](repeating: .none, count: 3 - rank) + own
    func inside(_ window: Window, _ out: Int) -> Range<Int> {
      let first = out * window.stride - window.before
      return max(0, first)..<max(max(0, first), min(window.input, first + window.kernel))
    }
    let channels = input.width
    var at = 0
    for row in 0..<frame.rows {
      let x = frame.input() + row * input.count
      for i in 0..<all[0].output {
        for j in 0..<all[1].output {
          for k in 0..<all[2].output {
            for c in 0..<channels {
              var best: Int?
              for d in inside(all[0], i) {
                for line in inside(all[1], j) {
                  for column in inside(all[2], k) {
                    let place = ((d * all[1].input + line) * all[2].input + column) * channels + c
                    if best.map({ x[place] > x[$0] }) ?? true { best = place }
                  }
                }
              }
              places[at] = Int32(best ?? 0)
              at += 1
            }
          }
        }
      }
    }
  }
}
