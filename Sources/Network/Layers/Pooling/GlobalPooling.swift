import CKernels
import Keras

/// `GlobalMaxPooling1D` to `3D` and `GlobalAveragePooling1D` to `3D`. An average over time steps leaves
/// masked ones out.
final class GlobalPooling: Layer {
  static let classNames = (1...3).flatMap { rank in
    ["GlobalMaxPooling", "GlobalAveragePooling", "GlobalMaxPool", "GlobalAvgPool"].map {
      "\($0)\(rank)D"
    }
  }
  static let hasChannels = true

  private let rank: Int
  private let isMaximum: Bool
  private let keepsDimensions: Bool

  init(_ definition: Definition) throws(LayerFault) {
    rank = try ConvolutionSettings.rank(of: definition.className)
    isMaximum = definition.className.hasPrefix("GlobalMax")
    keepsDimensions = definition.flag("keepdims", default: false)
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    guard input.rank == rank + 1 else {
      throw .bad("takes \(rank + 1) dimensions and is given the shape \(input.text)")
    }
    guard input.count > 0 else { throw .bad("pools an empty input \(input.text)") }
    let ones = [Int](repeating: 1, count: keepsDimensions ? rank : 0)
    return [Signal(ones + [input.width])]
  }

  func forward(_ frame: Frame) {
    let input = frame.call.inputs[0]
    let (positions, channels) = (input.outer, input.width)
    if isMaximum {
      ck_global_max(frame.rows, positions, Int32(channels), frame.input(), frame.output())
    } else if rank == 1, let mask = frame.mask(), frame.call.masks[0] == [positions] {
      for row in 0..<frame.rows {
        averageUnmasked(
          frame.input() + row * input.count, mask + row * positions, positions, channels,
          into: frame.output() + row * channels)
      }
    } else {
      ck_global_average(frame.rows, positions, Int32(channels), frame.input(), frame.output())
    }
  }

  private func averageUnmasked(
    _ x: UnsafePointer<Float>, _ mask: UnsafePointer<Float>, _ positions: Int, _ channels: Int,
    into y: UnsafeMutablePointer<Float>
  ) {
    y.update(repeating: 0, count: channels)
    var counted: Float = 0
    for step in 0..<positions where mask[step] != 0 {
      counted += 1
      ck_combine(ck_operation(CK_ADD), y, x + step * channels, y, channels)
    }
    // Keras divides by the number of steps that count: nothing by nothing is NaN there too.
    for i in 0..<channels { y[i] /= counted }
  }
}

extension GlobalPooling: Trainable {
  var backwardReads: BackwardReads { isMaximum ? [.inputs, .outputs] : [] }

  func backward(_ frame: TrainingFrame) {
    guard let dx = frame.inputGradient() else { return }
    let input = frame.call.inputs[0]
    let (positions, channels) = (input.outer, input.width)
    let isMasked = !isMaximum && rank == 1 && frame.call.masks[0] == [positions]
    let dy = frame.outputGradient()
    if isMaximum {
      return ck_global_max_gradient(
        frame.rows, positions, Int32(channels), frame.input(), frame.output(), dy, dx)
    }
    guard isMasked, let mask = frame.mask() else {
      return ck_global_average_gradient(frame.rows, positions, Int32(channels), dy, dx)
    }
    for row in 0..<frame.rows {
      let (own, dy, to) = (mask + row * positions, dy + row * channels, dx + row * input.count)
      let share = 1 / Float((0..<positions).count { own[$0] != 0 })
      for p in 0..<positions {
        for c in 0..<channels { to[p * channels + c] = own[p] != 0 ? dy[c] * share : 0 }
      }
    }
  }
}

extension GlobalPooling: Choosing {
  var chooses: Bool { isMaximum }

  func choose(_ frame: TrainingFrame, into places: UnsafeMutablePointer<Int32>) {
    let input = frame.call.inputs[0]
    let channels = input.width
    for row in 0..<frame.rows {
      let x = frame.input() + row * input.count
      for c in 0..<channels {
        var best = c
        for place in stride(from: c, to: input.count, by: channels) where x[place] > x[best] {
          best = place
        }
        places[row * channels + c] = Int32(best)
      }
    }
  }
}
