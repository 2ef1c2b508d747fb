import Keras

/// `Add`, `Subtract`, `Multiply`, `Average`, `Maximum`, `Minimum`, and Keras 1's `Merge` by their
/// modes: element by element, dimensions of 1 standing for as many as the others have.
final class Merging: Combining {
  static let classNames = ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"]

  private let operation: Elementwise
  private let isMean: Bool
  private let isModern: Bool

  /// How one call puts its inputs together.
  private struct Plan {
    /// The first two inputs, or the first alone, spread over the result.
    var first: Broadcast
    var takesTwo: Bool
    /// The result so far with each of the others.
    var others: [Broadcast]
    var masks: MergedMask
    /// Whether masked numbers are left out of the result itself (Keras 3).
    var leavesOut: Bool
  }
  private var plans: [Int: Plan] = [:]

  convenience init(_ definition: Definition) throws(LayerFault) {
    try self.init(operation: definition.className, age: definition.age)
  }

  init(operation: String, age: KerasAge) throws(LayerFault) {
    isMean = operation == "Average"
    isModern = age == .three
    switch operation {
    case "Add", "Average": self.operation = .add
    case "Subtract": self.operation = .subtract
    case "Multiply": self.operation = .multiply
    case "Maximum": self.operation = .maximum
    case "Minimum": self.operation = .minimum
    default: throw .unsupported("the merge mode '\(operation.printable(limit: 40))'")
    }
  }

  var isSum: Bool { operation == .add && !isMean }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let inputs = call.inputs
    guard let first = inputs.first else { throw .bad("merges its inputs and is given none") }
    guard operation != .subtract || inputs.count == 2 else {
      throw .bad("takes two inputs and is given \(inputs.count)")
    }
    let whole = try Broadcast(inputs.map { .init(shape: $0.shape) }).shape
    let result = Broadcast.Operand(shape: whole)
    var plan: Plan
    let takesTwo: Bool
    if inputs.count > 1 {
      let pair = try Broadcast([.init(shape: first.shape), .init(shape: inputs[1].shape)])
      takesTwo = pair.shape == whole
      let spread = try Broadcast([.init(shape: first.shape), result])
      plan = Plan(
        first: takesTwo ? pair : spread, takesTwo: takesTwo, others: [], masks: .none,
        leavesOut: false)
      for input in inputs.dropFirst(takesTwo ? 2 : 1) {
        plan.others.append(try Broadcast([result, .init(shape: input.shape)]))
      }
    } else {
      takesTwo = false
      plan = Plan(
        first: try Broadcast([result, result]), takesTwo: false, others: [], masks: .none,
        leavesOut: false)
    }
    plan.masks = try MergedMask(call, isModern ? .anyOfAll : .allOfGiven, whole)
    plan.leavesOut = try leavesOutMasked(call)
    plans[call.number] = plan
    return [Signal(whole, mask: plan.masks.rule)]
  }

  /// Keras 3 multiplies masked numbers as 1, and leaves them out of a maximum or a minimum, where its
  /// inputs have one rank.
  private func leavesOutMasked(_ call: Invocation) throws(LayerFault) -> Bool {
    guard isModern, call.masks.contains(where: { $0 != nil }), call.inputs.count > 1,
      operation == .multiply || operation == .maximum || operation == .minimum
    else { return false }
    for (input, mask) in zip(call.inputs, call.masks) {
      guard input.shape == call.inputs[0].shape, mask == nil || mask == input.shape.dropLast()
      else {
        throw .unsupported("masked inputs of different shapes")
      }
    }
    return true
  }

  func scratch(_ call: Invocation, rows: Int) -> Int {
    plans[call.number]?.leavesOut == true
      ? rows * (call.inputs[0].count + 2 * call.inputs[0].outer) : 0
  }

  func forward(_ frame: Frame) {
    guard let plan = plans[frame.call.number] else { return }
    plan.masks.write(frame)
    if plan.leavesOut {
      if operation == .multiply { multiplyMasked(frame) } else { compareMasked(frame) }
      return
    }
    let y = frame.output()
    if plan.takesTwo {
      plan.first.combine(operation, frame.input(0), frame.input(1), into: y, rows: frame.rows)
    } else {
      let x = frame.input(0)
      plan.first.forEach(rows: frame.rows) { offsets, steps, at, count in
        if steps[0] == 1 {
          (y + at).update(from: x + offsets[0], count: count)
        } else {
          (y + at).update(repeating: x[offsets[0]], count: count)
        }
      }
    }
    for (i, other) in plan.others.enumerated() {
      other.combine(
        operation, y, frame.input(i + (plan.takesTwo ? 2 : 1)), into: y, rows: frame.rows)
    }
    if isMean {
      let divisor = Float(frame.call.inputs.count)
      for i in 0..<frame.rows * frame.outputs[0].count { y[i] /= divisor }
    }
  }

  /// Masked numbers count as 1, and a position that all inputs mask is 0.
  private func multiplyMasked(_ frame: Frame) {
    let (y, width) = (frame.output(), frame.outputs[0].width)
    let positions = frame.rows * frame.outputs[0].outer
    let isMaskedAll = !frame.call.masks.contains { $0 == nil }
    for position in 0..<positions {
      let to = y + position * width
      to.update(repeating: 1, count: width)
      var isAny = !isMaskedAll
      for k in frame.call.inputs.indices {
        if let mask = frame.mask(k) {
          guard mask[position] != 0 else { continue }
          isAny = true
        }
        let from = frame.input(k) + position * width
        for i in 0..<width { to[i] *= from[i] }
      }
      if !isAny { to.update(repeating: 0, count: width) }
    }
  }

  /// Input after input, a masked one stands for what it is compared with (`_apply_merge_op_and_or_mask`
  /// in keras/src/layers/merging/base_merge.py).
  private func compareMasked(_ frame: Frame) {
    let (y, width) = (frame.output(), frame.outputs[0].width)
    for position in 0..<frame.rows * frame.outputs[0].outer {
      let to = y + position * width
      to.update(from: frame.input(0) + position * width, count: width)
      // Nil is no mask at all.
      var soFar = frame.mask(0).map { $0[position] != 0 }
      for k in frame.call.inputs.indices.dropFirst() {
        let own = frame.mask(k).map { $0[position] != 0 }
        let from = frame.input(k) + position * width
        if own == false {
          // The input is the result so far, and stays so.
        } else if soFar == false {
          to.update(from: from, count: width)
        } else {
          operation.apply(to, 1, from, 1, to, width)
        }
        if let before = soFar, let own { soFar = before || own } else { soFar = nil }
      }
    }
  }
}

extension Merging: Trainable {
  var backwardReads: BackwardReads {
    switch operation {
    case .add, .subtract: []
    case .multiply: [.inputs]
    default: [.inputs, .outputs]
    }
  }

  /// An input of another shape than the result gets its gradient summed over what it stood for.
  func trainingScratch(_ call: Invocation, rows: Int) -> Int {
    let whole = call.inputs.map(\.count).max() ?? 0
    return max(scratch(call, rows: rows), Floats.rounded(rows * max(whole, resultCount(call))))
  }

  private func resultCount(_ call: Invocation) -> Int {
    (try? Broadcast(call.inputs.map { .init(shape: $0.shape) }).shape.reduce(1, *)) ?? 0
  }

  func backward(_ frame: TrainingFrame) {
    let inputs = frame.call.inputs
    let result = frame.frame.outputs[0]
    let count = frame.rows * result.count
    let dy = frame.outputGradient()
    let share = isMean ? 1 / Float(inputs.count) : 1
    if plans[frame.call.number]?.leavesOut == true { return backwardMasked(frame) }
    for (k, input) in inputs.enumerated() {
      guard let dx = frame.inputGradient(k) else { continue }
      let isWhole = input.shape == result.shape
      let slope = isWhole ? dx : frame.scratch
      switch operation {
      case .subtract where k == 1: for i in 0..<count { slope[i] = -dy[i] }
      case .add, .subtract:
        if share == 1 {
          slope.update(from: dy, count: count)
        } else {
          for i in 0..<count { slope[i] = dy[i] * share }
        }
      case .multiply:
        slope.update(from: dy, count: count)
        for (other, signal) in inputs.enumerated() where other != k {
          multiply(slope, by: frame.input(other), signal, result, rows: frame.rows)
        }
      default: compare(frame, k, into: slope)
      }
      if !isWhole {
        Spread.addUp(slope, shape: result.shape, into: dx, shape: input.shape, rows: frame.rows)
      }
    }
  }

  /// Of inputs of one shape, what is masked has no gradient; the rest as if there were no others.
  private func backwardMasked(_ frame: TrainingFrame) {
    let signal = frame.frame.outputs[0]
    let (dy, width) = (frame.outputGradient(), signal.width)
    let inputs = frame.call.inputs.indices
    for position in 0..<frame.rows * signal.outer {
      let masks = inputs.map { frame.mask($0).map { $0[position] != 0 } }
      let at = position * width
      for i in at..<at + width {
        var winner: Int?
        if operation != .multiply {
          // As the way forward compares them.
          var (best, soFar) = (0, masks[0])
          for k in inputs.dropFirst() {
            let (next, so) = (frame.input(k)[i], frame.input(best)[i])
            if masks[k] != false {
              if soFar == false || (operation == .maximum ? next > so : next < so) { best = k }
            }
            if let before = soFar, let own = masks[k] { soFar = before || own } else { soFar = nil }
          }
          winner = best
        }
        for k in inputs {
          guard let dx = frame.inputGradient(k) else { continue }
          if let winner {
            dx[i] = winner == k ? dy[i] : 0
          } else if masks[k] == false {
            dx[i] = 0
          } else {
            var slope = dy[i]
            for other in inputs where other != k && masks[other] != false {
              slope *= frame.input(other)[i]
            }
            dx[i] = slope
          }
        }
      }
    }
  }

  private func multiply(
    _ slope: UnsafeMutablePointer<Float>, by x: UnsafePointer<Float>, _ signal: Signal,
    _ result: Signal, rows: Int
  ) {
    guard
      let spread = try? Broadcast([.init(shape: result.shape), .init(shape: signal.shape)])
    else { return }
    spread.combine(.multiply, slope, x, into: slope, rows: rows)
  }

  /// The gradient of a maximum or minimum goes where it was found; pair after pair, of two equals to
  /// the result so far (TensorFlow's `maximum`: `x >= y`).
  private func compare(
    _ frame: TrainingFrame, _ k: Int, into slope: UnsafeMutablePointer<Float>
  ) {
    let inputs = frame.call.inputs
    let result = frame.frame.outputs[0]
    guard
      let spread = try? Broadcast(
        [.init(shape: result.shape)] + inputs.map { .init(shape: $0.shape) })
    else { return }
    let dy = frame.outputGradient()
    let isMaximum = operation == .maximum
    spread.forEach(rows: frame.rows) { offsets, steps, at, count in
      for i in 0..<count {
        func value(_ j: Int) -> Float { frame.input(j)[offsets[j + 1] + i * steps[j + 1]] }
        var (best, winner) = (value(0), 0)
        for j in inputs.indices.dropFirst() {
          let next = value(j)
          if isMaximum ? next > best : next < best { (best, winner) = (next, j) }
        }
        slope[at + i] = winner == k ? dy[at + i] : 0
      }
    }
  }
}
