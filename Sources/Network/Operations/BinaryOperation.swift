import Keras

/// `x + y`, `x > 0` and their like: functions of two numbers, element by element.
final class BinaryOperation: Layer {
  static let classNames = Array(functions.keys)

  private static let functions: [String: Elementwise] = [
    "Add": .add, "Subtract": .subtract, "Multiply": .multiply, "Divide": .divide,
    "TrueDivide": .divide, "DivideNoNan": .divideNoNan, "FloorDivide": .floorDivide, "Mod": .mod,
    "Fmod": .fmod, "Power": .power, "Maximum": .maximum, "Minimum": .minimum,
    "Fmax": .fmax, "Fmin": .fmin, "SquaredDifference": .squaredDifference,
    "Arctan2": .arctan2, "Hypot": .hypot, "Logaddexp": .logaddexp,
    "Equal": .equal, "NotEqual": .notEqual, "Greater": .greater, "GreaterEqual": .greaterEqual,
    "Less": .less, "LessEqual": .lessEqual, "LogicalAnd": .logicalAnd, "LogicalOr": .logicalOr,
    "LogicalXor": .logicalXor,
  ]

  private struct Plan {
    var operands: [OperationArguments.Operand]
    var broadcast: Broadcast
  }

  private let function: Elementwise
  private let settings: LayerReading
  private var plans: [Int: Plan] = [:]

  init(_ definition: Definition) throws(LayerFault) {
    function = Self.functions[definition.className] ?? .add
    settings = definition.settings
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let arguments = OperationArguments(call: call, settings: settings)
    guard let a = try arguments.operand("x1", at: 0), let b = try arguments.operand("x2", at: 1)
    else { throw .bad("takes two operands") }
    let rank = [a, b].rank(call)
    let left = try a.broadcast(call, rank: rank)
    var right = try b.broadcast(call, rank: rank)
    let result = try Broadcast([left, right]).shape
    if function == .add, settings.age == .three, right.isConstant {
      right.shape = Broadcast.added(right.shape, to: left.shape)
    }
    let broadcast = try Broadcast([left, right])
    guard broadcast.shape == result else {
      throw .unsupported("adding a constant of shape \(right.shape) to \(left.shape)")
    }
    plans[call.number] = Plan(operands: [a, b], broadcast: broadcast)
    return [Signal(result)]
  }

  func forward(_ frame: Frame) {
    guard let plan = plans[frame.call.number] else { return }
    plan.broadcast.combine(
      function, plan.operands[0].pointer(frame), plan.operands[1].pointer(frame),
      into: frame.output(), rows: frame.rows)
  }
}

extension BinaryOperation: Trainable {
  func backward(_ frame: TrainingFrame) {
    frame.clearInputGradients()
    guard let plan = plans[frame.call.number], !function.isStepped else { return }
    let pointers = plan.operands.map { $0.pointer(frame.frame) }
    let gradients = plan.operands.map { operand -> UnsafeMutablePointer<Float>? in
      if case .input(let index) = operand { frame.inputGradient(index) } else { nil }
    }
    let (y, dy) = (frame.output(), frame.outputGradient())
    let (a, b, da, db) = (pointers[0], pointers[1], gradients[0], gradients[1])
    plan.broadcast.forEach(rows: frame.rows) { offsets, steps, at, count in
      for i in 0..<count {
        let (left, right) = (offsets[0] + i * steps[0], offsets[1] + i * steps[1])
        let slopes = function.slopes(a[left], b[right], y[at + i])
        // What stands for many gets the sum of theirs.
        da?[left] += slopes.a * dy[at + i]
        db?[right] += slopes.b * dy[at + i]
      }
    }
  }
}
