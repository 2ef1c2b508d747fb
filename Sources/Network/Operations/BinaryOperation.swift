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
    plans[call.number] = Plan(operands: [a, b], broadcast: try Broadcast([left, right]))
    return [Signal(result)]
  }

  func forward(_ frame: Frame) {
    guard let plan = plans[frame.call.number] else { return }
    plan.broadcast.combine(
      function, plan.operands[0].pointer(frame), plan.operands[1].pointer(frame),
      into: frame.output(), rows: frame.rows)
  }
}
