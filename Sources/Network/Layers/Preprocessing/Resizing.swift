import JSON
import Keras

/// `Resizing`, and the operation `Resize`: images of another size, by their nearest pixels or blended
/// from four, with half-pixel centres.
final class Resizing: Layer {
  static let classNames = ["Resizing", "Resize"]
  static let hasChannels = true

  /// Along one dimension: the two pixels of the source for each of the result, and the share of the
  /// second.
  private struct Axis {
    var low: [Int]
    var high: [Int]
    var share: [Float]

    init(from source: Int, to count: Int, isNearest: Bool) {
      let scale = Float(source) / Float(count)
      (low, high, share) = ([], [], [])
      for i in 0..<count {
        let centre = (Float(i) + 0.5) * scale
        if isNearest {
          let place = min(Int(centre), source - 1)
          low.append(place)
          high.append(place)
          share.append(0)
        } else {
          let place = centre - 0.5
          let floor = place.rounded(.down)
          low.append(max(Int(floor), 0))
          high.append(min(Int(place.rounded(.up)), source - 1))
          share.append(place - floor)
        }
      }
    }
  }

  private let settings: LayerReading
  private var plans: [Int: (rows: Axis, columns: Axis)] = [:]

  init(_ definition: Definition) throws(LayerFault) { settings = definition.settings }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let arguments = OperationArguments(call: call, settings: settings)
    guard call.inputs.count == 1, let input = call.inputs.first, input.rank == 3 else {
      throw .bad("resizes images and is given \(call.inputs.map(\.text).joined(separator: ", "))")
    }
    for flag in ["crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias"]
    where try arguments.flag(flag, default: false) {
      throw .unsupported("'\(flag)'")
    }
    let way = try arguments.setting("interpolation")?.stringValue ?? "bilinear"
    guard way == "bilinear" || way == "nearest" else {
      throw .unsupported("the interpolation '\(way.printable(limit: 40))'")
    }
    let given = try arguments.ints("size")
    let sides = [
      try arguments.int("height", default: 0), try arguments.int("width", default: 0),
    ]
    let size = given ?? sides
    guard size.count == 2, size.allSatisfy({ $0 > 0 }), input.shape.allSatisfy({ $0 > 0 }),
      Plan.floats(of: size + [input.width], 1) != nil
    else { throw .bad("resizes \(input.text) to \(Signal.text(size))") }
    let isNearest = way == "nearest"
    plans[call.number] = (
      Axis(from: input.shape[0], to: size[0], isNearest: isNearest),
      Axis(from: input.shape[1], to: size[1], isNearest: isNearest)
    )
    return [Signal(size + [input.width])]
  }

  func forward(_ frame: Frame) {
    guard let (rows, columns) = plans[frame.call.number] else { return }
    let input = frame.call.inputs[0]
    let (width, channels) = (input.shape[1], input.shape[2])
    var y = frame.output()
    for image in 0..<frame.rows {
      let x = frame.input() + image * input.count
      for i in rows.low.indices {
        let (top, bottom) = (
          x + rows.low[i] * width * channels, x + rows.high[i] * width * channels
        )
        let down = rows.share[i]
        for j in columns.low.indices {
          let (left, right) = (columns.low[j] * channels, columns.high[j] * channels)
          let across = columns.share[j]
          for c in 0..<channels {
            let upper = top[left + c] + (top[right + c] - top[left + c]) * across
            let lower = bottom[left + c] + (bottom[right + c] - bottom[left + c]) * across
            y[c] = upper + (lower - upper) * down
          }
          y += channels
        }
      }
    }
  }
}

extension Resizing: Trainable {
  var backwardReads: BackwardReads { [] }

  func backward(_ frame: TrainingFrame) {
    guard let (rows, columns) = plans[frame.call.number], let dx = frame.inputGradient() else {
      return
    }
    let input = frame.call.inputs[0]
    let (width, channels) = (input.shape[1], input.shape[2])
    dx.update(repeating: 0, count: frame.rows * input.count)
    var dy = UnsafePointer(frame.outputGradient())
    for image in 0..<frame.rows {
      let target = dx + image * input.count
      for i in rows.low.indices {
        let down = rows.share[i]
        for j in columns.low.indices {
          let across = columns.share[j]
          for (row, vertical) in [(rows.low[i], 1 - down), (rows.high[i], down)] {
            for (column, share) in [(columns.low[j], 1 - across), (columns.high[j], across)] {
              let to = target + (row * width + column) * channels
              for c in 0..<channels { to[c] += dy[c] * vertical * share }
            }
          }
          dy += channels
        }
      }
    }
  }
}
