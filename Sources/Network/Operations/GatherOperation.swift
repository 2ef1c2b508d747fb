import JSON
import Keras

/// `Take`, `Roll` and `Pad`: elements along dimensions by indices that the configuration says.
final class GatherOperation: Layer {
  static let classNames = ["Take", "Roll", "Pad"]

  /// One dimension of a row under other indices.
  private struct Step {
    var outer: Int
    var size: Int
    var inner: Int
    /// By element of the result, the one of the source, or nil for `fill`.
    var indices: [Int?]
    var count: Int { outer * indices.count * inner }

    func run(
      _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, fill: Float
    ) {
      for row in 0..<rows * outer {
        let from = x + row * size * inner
        for (i, index) in indices.enumerated() {
          let to = y + (row * indices.count + i) * inner
          if let index {
            to.update(from: from + index * inner, count: inner)
          } else {
            to.update(repeating: fill, count: inner)
          }
        }
      }
    }

    /// Writes what the elements of the result give those that they are.
    func runBack(_ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>, rows: Int) {
      dx.update(repeating: 0, count: rows * outer * size * inner)
      for row in 0..<rows * outer {
        for (i, index) in indices.enumerated() {
          guard let index else { continue }
          Sums.add(
            dy + (row * indices.count + i) * inner, to: dx + (row * size + index) * inner,
            count: inner)
        }
      }
    }
  }
  private struct Layout {
    var input: Int
    var steps: [Step]
    var fill: Float
    /// The largest value between two steps, floats a row.
    var between: Int { steps.dropLast().map(\.count).max() ?? 0 }
  }

  private let name: String
  private let settings: LayerReading
  private var plans: [Int: Layout] = [:]

  init(_ definition: Definition) throws(LayerFault) {
    name = definition.className
    settings = definition.settings
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let arguments = OperationArguments(call: call, settings: settings)
    let (index, shape) = try arguments.shape("x", at: 0)
    var plan = Layout(input: index, steps: [], fill: 0)
    var current = shape
    func add(_ axis: Int, _ indices: [Int?]) throws(LayerFault) {
      plan.steps.append(
        Step(
          outer: current[..<axis].reduce(1, *), size: current[axis],
          inner: current[(axis + 1)...].reduce(1, *), indices: indices))
      current[axis] = indices.count
      guard Plan.floats(of: current, 1) != nil else {
        throw .bad("the output is too large to compute")
      }
    }
    switch name {
    case "Take":
      guard case .constant(let places)? = try arguments.operand("indices", at: 1) else {
        throw .unsupported("indices out of the data itself")
      }
      let axis = try arguments.axis("axis", at: 2, rank: shape.count)
      var indices: [Int?] = []
      for i in 0..<places.count {
        let place = Int(exactly: places.values[i]) ?? .max
        let counted = place < 0 ? place + shape[axis] : place
        guard (0..<shape[axis]).contains(counted) else {
          throw .bad("index \(places.values[i]) is out of \(shape[axis]) elements")
        }
        indices.append(counted)
      }
      try add(axis, indices)
      current.replaceSubrange(axis...axis, with: places.shape)
    case "Roll":
      let axes = try arguments.axes("axis", at: 2, rank: shape.count)
      let shifts = try arguments.ints("shift", at: 1) ?? []
      // Dimensions come in ascending order, shifts as they were written.
      guard axes.count == 1, shifts.count == 1 else {
        throw .unsupported("a roll of several dimensions")
      }
      let size = shape[axes[0]]
      try add(axes[0], (0..<size).map { ((($0 - shifts[0]) % size) + size) % size })
    default:
      let pads = try self.pads(arguments, rank: shape.count)
      let mode = try arguments.setting("mode", at: 2)?.stringValue?.lowercased() ?? "constant"
      plan.fill = try arguments.float("constant_values", at: 1, default: 0)
      for (axis, pad) in pads.enumerated() where pad.before != 0 || pad.after != 0 {
        try add(axis, try Self.padded(shape[axis], pad, mode: mode))
      }
      // Nothing to pad is still a copy.
      if plan.steps.isEmpty {
        plan.steps.append(Step(outer: 1, size: 1, inner: shape.reduce(1, *), indices: [0]))
      }
    }
    plans[call.number] = plan
    return [Signal(current)]
  }

  private func pads(_ arguments: OperationArguments, rank: Int) throws(LayerFault)
    -> [(before: Int, after: Int)]
  {
    guard let value = try arguments.setting("pad_width"), let list = LayerReading.list(value) else {
      throw .unsupported("a padding of all dimensions, which pads the batch")
    }
    var pads: [(before: Int, after: Int)] = []
    for pair in list {
      let sizes = (LayerReading.list(pair) ?? []).compactMap(LayerReading.size)
      guard sizes.count == 2, sizes.allSatisfy({ $0 >= 0 }) else {
        throw .bad("pad_width is \(value.shown)")
      }
      pads.append((sizes[0], sizes[1]))
    }
    guard pads.count == rank + 1 else {
      throw .bad("pads \(pads.count) dimensions of \(rank + 1)")
    }
    let batch = pads.removeFirst()
    guard batch == (0, 0) else { throw .unsupported("a padding of the batch") }
    return pads
  }

  private static func padded(_ size: Int, _ pad: (before: Int, after: Int), mode: String)
    throws(LayerFault) -> [Int?]
  {
    guard pad.before + pad.after <= 1 << 30 else {
      throw .bad("the output is too large to compute")
    }
    switch mode {
    case "constant":
      return [Int?](repeating: nil, count: pad.before) + (0..<size).map { $0 }
        + [Int?](repeating: nil, count: pad.after)
    case "reflect", "symmetric":
      // Around the first and last element, or around their outer edges.
      let edge = mode == "reflect" ? 0 : 1
      guard max(pad.before, pad.after) <= size - 1 + edge else {
        throw .bad("pads \(size) elements by more than they are")
      }
      return (0..<pad.before).map { pad.before - $0 - edge } + (0..<size).map { $0 }
        + (0..<pad.after).map { size - 2 - $0 + edge }
    default: throw .unsupported("the padding mode '\(mode.printable(limit: 40))'")
    }
  }

  func scratch(_ call: Invocation, rows: Int) -> Int {
    rows * 2 * (plans[call.number]?.between ?? 0)
  }

  func forward(_ frame: Frame) {
    guard let plan = plans[frame.call.number] else { return }
    let half = frame.rows * plan.between
    var x = UnsafePointer(frame.input(plan.input))
    for (k, step) in plan.steps.enumerated() {
      let y =
        k == plan.steps.count - 1
        ? frame.output() : frame.scratch + (k % 2 == 0 ? 0 : half)
      step.run(x, y, rows: frame.rows, fill: plan.fill)
      x = UnsafePointer(y)
    }
  }
}

extension GatherOperation: Trainable {
  var backwardReads: BackwardReads { [] }

  func backward(_ frame: TrainingFrame) {
    frame.clearInputGradients()
    guard let plan = plans[frame.call.number], let dx = frame.inputGradient(plan.input) else {
      return
    }
    let half = frame.rows * plan.between
    var dy = UnsafePointer(frame.outputGradient())
    for (k, step) in plan.steps.enumerated().reversed() {
      let to = k == 0 ? dx : frame.scratch + (k % 2 == 0 ? 0 : half)
      step.runBack(dy, to, rows: frame.rows)
      dy = UnsafePointer(to)
    }
  }
}
