import JSON
import Keras

/// `UnitNormalization`: every row, or some dimensions of it, divided by its Euclidean length.
final class UnitNormalization: Layer {
  static let classNames = ["UnitNormalization"]

  private let axis: JSON.Value
  private let isModern: Bool
  private var rows: [Int: AxisRows] = [:]

  init(_ definition: Definition) throws(LayerFault) {
    axis = definition.settings.value("axis") ?? -1
    isModern = definition.age == .three
  }

  var worksInPlace: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    let axes = try Axes.places(axis, rank: input.rank)
    rows[call.number] = AxisRows(input.shape, axes: axes)
    return [Signal(input.shape, mask: .same(as: 0))]
  }

  func scratch(_ call: Invocation, rows count: Int) -> Int {
    count * (rows[call.number]?.scratch ?? 0)
  }

  func forward(_ frame: Frame) {
    guard let rows = rows[frame.call.number] else { return }
    let largest: Float = isModern ? 1e12 : 1e6
    rows.map(frame.input(), frame.output(), rows: frame.rows, scratch: frame.scratch) {
      x, y, count in
      UnitLength.apply(x, y, rows: count, width: rows.width, largest: largest)
    }
  }
}

extension UnitNormalization: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  func trainingScratch(_ call: Invocation, rows count: Int) -> Int {
    2 * count * call.inputs[0].count
  }

  func backward(_ frame: TrainingFrame) {
    guard let rows = rows[frame.call.number], let dx = frame.inputGradient() else { return }
    let (x, dy) = (frame.scratch, frame.scratch + frame.rows * frame.call.inputs[0].count)
    rows.gather(frame.input(), into: x, rows: frame.rows)
    rows.gather(frame.outputGradient(), into: dy, rows: frame.rows)
    UnitLength.backpropagate(
      x, dy, into: dy, rows: frame.rows * rows.outer, width: rows.width,
      largest: isModern ? 1e12 : 1e6)
    rows.scatter(dy, into: dx, rows: frame.rows)
  }
}

/// Rows of the Euclidean length 1.
enum UnitLength {
  /// `largest` is the most that a row is multiplied by: Keras 3 has 1/ε, TensorFlow's l2_normalize
  /// 1/√ε.
  static func apply(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, width: Int,
    largest: Float
  ) {
    for row in 0..<rows {
      let (from, to) = (x + row * width, y + row * width)
      let factor = min(1 / Reduction.sum(from, width) { $0 * $0 }.squareRoot(), largest)
      for i in 0..<width { to[i] = from[i] * factor }
    }
  }

  /// From the gradient of what `apply` makes to that of `x`; `dx` may be `dy`.
  static func backpropagate(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>,
    rows: Int, width: Int, largest: Float
  ) {
    for row in 0..<rows {
      let (x, dy, dx) = (x + row * width, dy + row * width, dx + row * width)
      let own = 1 / Reduction.sum(x, width) { $0 * $0 }.squareRoot()
      let factor = min(own, largest)
      var product: Float = 0
      if own < largest { for i in 0..<width { product += x[i] * dy[i] } }
      product *= factor * factor
      for i in 0..<width { dx[i] = factor * (dy[i] - x[i] * product) }
    }
  }
}
