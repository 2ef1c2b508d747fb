import JSON
import Keras

/// `Dot`: the products of two inputs summed over a dimension of each, sample by sample; with
/// `normalize`, of inputs made 1 long along it.
final class Dot: Layer {
  static let classNames = ["Dot"]

  private let axes: JSON.Value
  private let normalizes: Bool
  private let isModern: Bool
  private var plans: [Int: Plan] = [:]

  private struct Plan {
    var einsum: Einsum
    /// How the inputs are brought to length 1.
    var left: AxisRows
    var right: AxisRows
  }

  convenience init(_ definition: Definition) throws(LayerFault) {
    self.init(
      axes: definition.settings.value("axes") ?? -1,
      normalizes: definition.flag("normalize", default: false), age: definition.age)
  }

  init(axes: JSON.Value, normalizes: Bool, age: KerasAge) {
    self.axes = axes
    self.normalizes = normalizes
    isModern = age == .three
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    guard call.inputs.count == 2 else {
      throw .bad("takes two inputs and is given \(call.inputs.count)")
    }
    let (a, b) = (call.inputs[0], call.inputs[1])
    let list = LayerReading.list(axes) ?? [axes, axes]
    guard list.count == 2, let one = LayerReading.size(list[0]),
      let two = LayerReading.size(list[1])
    else { throw .bad("axes is \(axes.shown), not a dimension or two of them") }
    guard a.rank >= 1, b.rank >= 1 else { throw .bad("multiplies single numbers") }
    let (left, right) = (
      try Axes.place(one, rank: a.rank), try Axes.place(two, rank: b.rank)
    )
    guard a.shape[left] == b.shape[right] else {
      throw .bad("sums along \(a.shape[left]) of \(a.text) and \(b.shape[right]) of \(b.text)")
    }
    guard a.rank + b.rank <= 24 else { throw .unsupported("a product of that many dimensions") }
    let names = "abcdefghijklmnopqrstuvwxyz".map(\.self)
    var letters = Array(names[..<a.rank])
    let others = Array(names[a.rank..<a.rank + b.rank])
    let contracted = others[right]
    letters[left] = contracted
    let einsum = try Einsum(
      .init(letters: letters), a.shape, .init(letters: others), b.shape,
      result: (letters + others).filter { $0 != contracted })
    plans[call.number] = Plan(
      einsum: einsum, left: AxisRows(a.shape, axes: [left]), right: AxisRows(b.shape, axes: [right])
    )
    // Two vectors give one number, which Keras keeps as a dimension.
    return [Signal(einsum.shape.isEmpty ? [1] : einsum.shape)]
  }

  func scratch(_ call: Invocation, rows: Int) -> Int {
    guard let plan = plans[call.number] else { return 0 }
    let lengths = normalizes ? rows * 2 * (call.inputs[0].count + call.inputs[1].count) : 0
    return plan.einsum.scratch(rows: rows) + lengths
  }

  func forward(_ frame: Frame) {
    guard let plan = plans[frame.call.number] else { return }
    var free = frame.scratch
    var sides = [UnsafePointer(frame.input(0)), UnsafePointer(frame.input(1))]
    if normalizes {
      // Keras 3 divides by at least 1e-7; TensorFlow's l2_normalize by at least 1e-6.
      let largest: Float = isModern ? 1e7 : 1e6
      for (k, side) in [plan.left, plan.right].enumerated() {
        let count = frame.rows * frame.call.inputs[k].count
        let made = free
        side.map(sides[k], made, rows: frame.rows, scratch: made + count) { x, y, rows in
          UnitLength.apply(x, y, rows: rows, width: side.width, largest: largest)
        }
        sides[k] = UnsafePointer(made)
        free += 2 * count
      }
    }
    plan.einsum.run(sides[0], sides[1], into: frame.output(), rows: frame.rows, scratch: free)
  }
}

extension Dot: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  func trainingScratch(_ call: Invocation, rows: Int) -> Int {
    guard let plan = plans[call.number] else { return 0 }
    let sides = rows * (call.inputs[0].count + call.inputs[1].count)
    return max(
      scratch(call, rows: rows), plan.einsum.gradientScratch(rows: rows) + 4 * sides)
  }

  func backward(_ frame: TrainingFrame) {
    guard let plan = plans[frame.call.number] else { return }
    guard normalizes else {
      return plan.einsum.backward(
        frame.input(0), frame.input(1), frame.outputGradient(), dx: frame.inputGradient(0),
        dw: frame.inputGradient(1), rows: frame.rows, scratch: frame.scratch)
    }
    let largest: Float = isModern ? 1e7 : 1e6
    var free = frame.scratch
    func take(_ count: Int) -> UnsafeMutablePointer<Float> {
      defer { free += count }
      return free
    }
    let sides = [plan.left, plan.right]
    let counts = (0..<2).map { frame.rows * frame.call.inputs[$0].count }
    let (lengthened, slopes) = (counts.map(take), counts.map(take))
    for (k, side) in sides.enumerated() {
      side.map(frame.input(k), lengthened[k], rows: frame.rows, scratch: free) { x, y, rows in
        UnitLength.apply(x, y, rows: rows, width: side.width, largest: largest)
      }
    }
    plan.einsum.backward(
      lengthened[0], lengthened[1], frame.outputGradient(), dx: slopes[0], dw: slopes[1],
      rows: frame.rows, scratch: free)
    for (k, side) in sides.enumerated() {
      guard let dx = frame.inputGradient(k) else { continue }
      let (x, dy) = (free, free + counts[k])
      side.gather(frame.input(k), into: x, rows: frame.rows)
      side.gather(slopes[k], into: dy, rows: frame.rows)
      UnitLength.backpropagate(
        x, dy, into: dy, rows: frame.rows * side.outer, width: side.width, largest: largest)
      side.scatter(dy, into: dx, rows: frame.rows)
    }
  }
}
