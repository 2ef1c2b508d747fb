import Keras

/// `Where`: of two operands the one that a condition says, element by element.
final class WhereOperation: Layer {
  static let classNames = ["Where"]

  private struct Plan {
    var operands: [OperationArguments.Operand]
    var broadcast: Broadcast
  }
  private let settings: LayerReading
  private var plans: [Int: Plan] = [:]

  init(_ definition: Definition) throws(LayerFault) { settings = definition.settings }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let arguments = OperationArguments(call: call, settings: settings)
    guard let condition = try arguments.operand("condition", at: 0),
      let a = try arguments.operand("x1", at: 1), let b = try arguments.operand("x2", at: 2)
    else { throw .unsupported("'Where' without two operands to choose from") }
    let operands = [condition, a, b]
    let rank = operands.rank(call)
    var shapes: [Broadcast.Operand] = []
    for operand in operands { shapes.append(try operand.broadcast(call, rank: rank)) }
    let plan = Plan(operands: operands, broadcast: try Broadcast(shapes))
    plans[call.number] = plan
    return [Signal(plan.broadcast.shape)]
  }

  func forward(_ frame: Frame) {
    guard let plan = plans[frame.call.number] else { return }
    let (condition, a, b) = (
      plan.operands[0].pointer(frame), plan.operands[1].pointer(frame),
      plan.operands[2].pointer(frame)
    )
    let y = frame.output()
    plan.broadcast.forEach(rows: frame.rows) { offsets, steps, at, count in
      for i in 0..<count {
        y[at + i] =
          condition[offsets[0] + i * steps[0]] != 0
          ? a[offsets[1] + i * steps[1]] : b[offsets[2] + i * steps[2]]
      }
    }
  }
}

/// `Clip`: not less than one number and not more than another.
final class ClipOperation: Layer {
  static let classNames = ["Clip"]

  private let settings: LayerReading
  private var bounds: [Int: (least: Float, most: Float)] = [:]

  init(_ definition: Definition) throws(LayerFault) { settings = definition.settings }

  var worksInPlace: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let arguments = OperationArguments(call: call, settings: settings)
    let (index, shape) = try arguments.shape("x", at: 0)
    guard index == 0 else { throw .unsupported("a clip of another input than the first") }
    bounds[call.number] = (
      try arguments.float("x_min", at: 1, default: -.infinity),
      try arguments.float("x_max", at: 2, default: .infinity)
    )
    return [Signal(shape)]
  }

  func forward(_ frame: Frame) {
    guard let (least, most) = bounds[frame.call.number] else { return }
    let (x, y) = (frame.input(), frame.output())
    for i in 0..<frame.rows * frame.outputs[0].count {
      // A NaN stays one.
      y[i] = x[i] < least ? least : x[i] > most ? most : x[i]
    }
  }
}

extension WhereOperation: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  func backward(_ frame: TrainingFrame) {
    // The condition has no gradient.
    frame.clearInputGradients()
    guard let plan = plans[frame.call.number] else { return }
    let condition = plan.operands[0].pointer(frame.frame)
    let gradients = plan.operands.map { operand -> UnsafeMutablePointer<Float>? in
      if case .input(let index) = operand { frame.inputGradient(index) } else { nil }
    }
    let dy = frame.outputGradient()
    plan.broadcast.forEach(rows: frame.rows) { offsets, steps, at, count in
      for i in 0..<count {
        let chosen = condition[offsets[0] + i * steps[0]] != 0 ? 1 : 2
        gradients[chosen]?[offsets[chosen] + i * steps[chosen]] += dy[at + i]
      }
    }
  }
}

extension ClipOperation: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  func backward(_ frame: TrainingFrame) {
    frame.clearInputGradients()
    guard let (least, most) = bounds[frame.call.number], let dx = frame.inputGradient() else {
      return
    }
    let (x, dy) = (frame.input(), frame.outputGradient())
    for i in 0..<frame.rows * frame.frame.outputs[0].count {
      dx[i] = x[i] < least || x[i] > most ? 0 : dy[i]
    }
  }
}
