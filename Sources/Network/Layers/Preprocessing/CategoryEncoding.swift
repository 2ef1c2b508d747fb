import JSON
import Keras

/// `CategoryEncoding` and `Discretization`: whole numbers, or the bins in which numbers lie, as rows of
/// zeros and ones, or counted.
final class CategoryEncoding: Layer {
  static let classNames = ["CategoryEncoding", "Discretization"]

  private enum Mode { case whole, oneHot, multiHot, count }

  private let mode: Mode
  private let depth: Int
  /// A number lies in the bin with as many boundaries as are not above it; nil for whole numbers.
  private let boundaries: ConstantArray?

  init(_ definition: Definition) throws(LayerFault) {
    let isBinned = definition.className == "Discretization"
    let words = ["one_hot", "multi_hot", "binary", "count"] + (isBinned ? ["int"] : [])
    switch try definition.choice(
      "output_mode", among: words, default: isBinned ? "int" : "multi_hot")
    {
    case "int": mode = .whole
    case "one_hot": mode = .oneHot
    case "count": mode = .count
    default: mode = .multiHot
    }
    if definition.flag("sparse", default: false) { throw .unsupported("a sparse output") }
    if isBinned {
      guard let value = definition.settings.value("bin_boundaries") else {
        throw .unsupported("a layer that has not seen its data")
      }
      let boundaries = try ConstantArray(value)
      guard boundaries.shape.count == 1,
        (1..<max(1, boundaries.count)).allSatisfy({
          boundaries.values[$0 - 1] <= boundaries.values[$0]
        })
      else { throw .bad("bin_boundaries do not rise") }
      self.boundaries = boundaries
      depth = boundaries.count + 1
    } else {
      boundaries = nil
      depth = try definition.int("num_tokens", "max_tokens")
    }
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    guard call.inputs.count == 1, let input = call.inputs.first else {
      throw .unsupported("a weight for every number")
    }
    switch mode {
    case .whole: return [input]
    case .oneHot:
      return [
        Signal(input.shape.last == 1 ? input.shape.dropLast() + [depth] : input.shape + [depth])
      ]
    case .multiHot, .count:
      guard input.rank <= 1 else {
        throw .unsupported("a code for rows of the shape \(input.text)")
      }
      return [Signal([depth])]
    }
  }

  private func bin(_ x: Float) -> Float {
    guard let boundaries else { return x.rounded(.towardZero) }
    var (low, high) = (0, boundaries.count)
    while low < high {
      let middle = (low + high) / 2
      if boundaries.values[middle] <= x || x.isNaN { low = middle + 1 } else { high = middle }
    }
    return Float(low)
  }

  func forward(_ frame: Frame) {
    let (x, y) = (frame.input(), frame.output())
    let perRow = frame.call.inputs[0].count
    if mode == .whole {
      for i in 0..<frame.rows * perRow { y[i] = bin(x[i]) }
      return
    }
    y.update(repeating: 0, count: frame.rows * frame.outputs[0].count)
    for i in 0..<frame.rows * perRow {
      let number = bin(x[i])
      guard number >= 0, number < Float(depth) else {
        // A one-hot row of a number that is no class has no one.
        if mode != .oneHot {
          frame.faults.add(
            row: i / perRow, "the number \(number) is none of 0 to \(depth - 1), which are encoded")
        }
        continue
      }
      let place = (mode == .oneHot ? i : i / perRow) * depth + Int(number)
      y[place] = mode == .count ? y[place] + 1 : 1
    }
  }
}

extension CategoryEncoding: Trainable {
  var backwardReads: BackwardReads { [] }

  /// Codes do not change with the numbers a little.
  func backward(_ frame: TrainingFrame) { frame.clearInputGradients() }
}
