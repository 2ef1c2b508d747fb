import CKernels
import JSON
import Keras

/// Functions along one dimension or several that keep their size: softmax, running sums, lengths
/// brought to 1.
final class RowOperation: Layer {
  static let classNames = [
    "Softmax", "LogSoftmax", "Sparsemax", "Normalize", "Cumsum", "Cumprod", "Sort", "LayerNorm",
    "RMSNorm", "L2Normalize",
  ]

  private let name: String
  private let settings: LayerReading

  private struct Plan {
    var input: Int
    var rows: AxisRows
    var epsilon: Float
    /// Numbers for every element of a row, of `LayerNorm` and `RMSNorm`.
    var gamma: ConstantArray?
    var beta: ConstantArray?
  }
  private var plans: [Int: Plan] = [:]

  init(_ definition: Definition) throws(LayerFault) {
    name = definition.className
    settings = definition.settings
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let arguments = OperationArguments(call: call, settings: settings)
    let (index, shape) = try arguments.shape("x", at: 0)
    let axes: [Int]
    if try arguments.setting("axis", at: nil) == nil, name != "Cumsum", name != "Cumprod" {
      // A softmax of null is one over the batch too; where nothing is said it is the last dimension.
      guard settings.config["axis"]?.isNull != true else {
        throw .unsupported("work along all dimensions, which mixes samples,")
      }
      axes = [try Axes.place(-1, rank: shape.count)]
    } else {
      axes = try arguments.axes("axis", rank: shape.count)
    }
    guard
      axes.count == 1 || name == "Softmax" || name.hasSuffix("Norm") || name.hasSuffix("Normalize")
    else {
      throw .bad("works along one dimension and is given \(axes.count)")
    }
    var plan = Plan(
      input: index, rows: AxisRows(shape, axes: axes),
      epsilon: try arguments.float("epsilon", default: 1e-7))
    switch name {
    case "Normalize":
      guard try arguments.int("order", default: 2) == 2 else {
        throw .unsupported("the norm of another order than 2")
      }
    case "LayerNorm":
      guard try !arguments.flag("rms_scaling", default: false) else {
        throw .unsupported("'rms_scaling'")
      }
      plan.gamma = try parameter(arguments, "gamma", 1, axes.map { shape[$0] })
      plan.beta = try parameter(arguments, "beta", 2, axes.map { shape[$0] })
    case "RMSNorm": plan.gamma = try parameter(arguments, "scale", 1, axes.map { shape[$0] })
    default: break
    }
    plans[call.number] = plan
    return [Signal(shape)]
  }

  private func parameter(
    _ arguments: OperationArguments, _ key: String, _ place: Int, _ shape: [Int]
  ) throws(LayerFault) -> ConstantArray? {
    switch try arguments.operand(key, at: place) {
    case nil: return nil
    case .constant(let array)? where array.shape == shape: return array
    default: throw .unsupported("'\(key)' that is no array of the shape \(Signal.text(shape))")
    }
  }

  func scratch(_ call: Invocation, rows: Int) -> Int {
    rows * (plans[call.number]?.rows.scratch ?? 0)
  }

  func forward(_ frame: Frame) {
    guard let plan = plans[frame.call.number] else { return }
    let width = plan.rows.width
    plan.rows.map(
      frame.input(plan.input), frame.output(), rows: frame.rows, scratch: frame.scratch
    ) { x, y, rows in
      switch name {
      case "Softmax": ck_softmax_rows(x, y, rows, width)
      case "LogSoftmax": ck_log_softmax_rows(x, y, rows, width)
      case "Sparsemax": Sparsemax.rows(x, y, rows: rows, width: width)
      case "Normalize":
        UnitLength.apply(x, y, rows: rows, width: width, largest: 1 / plan.epsilon)
      // TensorFlow keeps the square of the length from going below epsilon.
      case "L2Normalize":
        UnitLength.apply(
          x, y, rows: rows, width: width, largest: 1 / plan.epsilon.squareRoot())
      case "LayerNorm":
        ck_layer_norm_rows(
          x, plan.gamma?.values, plan.beta?.values, plan.epsilon, y, rows, width)
      case "RMSNorm": ck_rms_norm_rows(x, plan.gamma?.values, plan.epsilon, y, rows, width)
      case "Sort":
        for row in 0..<rows {
          if x != UnsafePointer(y) {
            (y + row * width).update(from: x + row * width, count: width)
          }
          var numbers = UnsafeMutableBufferPointer(start: y + row * width, count: width)
          numbers.sort()
        }
      default: Self.accumulate(x, y, rows: rows, width: width, isProduct: name == "Cumprod")
      }
    }
  }

  private static func accumulate(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, width: Int,
    isProduct: Bool
  ) {
    for row in 0..<rows {
      var total: Float = isProduct ? 1 : 0
      for i in row * width..<(row + 1) * width {
        if isProduct { total *= x[i] } else { total += x[i] }
        y[i] = total
      }
    }
  }
}

extension RowOperation: Trainable {
  func trainingScratch(_ call: Invocation, rows: Int) -> Int {
    guard let plan = plans[call.number] else { return 0 }
    return 3 * rows * call.inputs[plan.input].count
  }

  func backward(_ frame: TrainingFrame) {
    frame.clearInputGradients()
    guard let plan = plans[frame.call.number], let target = frame.inputGradient(plan.input) else {
      return
    }
    let count = frame.rows * frame.call.inputs[plan.input].count
    let (x, y, dy) = (frame.scratch, frame.scratch + count, frame.scratch + 2 * count)
    plan.rows.gather(frame.input(plan.input), into: x, rows: frame.rows)
    plan.rows.gather(frame.output(), into: y, rows: frame.rows)
    plan.rows.gather(frame.outputGradient(), into: dy, rows: frame.rows)
    let (rows, width) = (frame.rows * plan.rows.outer, plan.rows.width)
    switch name {
    case "Softmax": ck_softmax_gradient_rows(y, dy, dy, rows, width)
    case "LogSoftmax": ck_log_softmax_gradient_rows(y, dy, dy, rows, width)
    case "Sparsemax":
      Activation(.sparsemax).backpropagate(x: x, y: y, dy, into: dy, rows: rows, width: width)
    case "Normalize", "L2Normalize":
      let largest = 1 / (name == "Normalize" ? plan.epsilon : plan.epsilon.squareRoot())
      UnitLength.backpropagate(x, dy, into: dy, rows: rows, width: width, largest: largest)
    case "LayerNorm":
      ck_layer_norm_gradient_rows(
        x, plan.gamma?.values, plan.epsilon, dy, dy, nil, nil, rows, width)
    case "RMSNorm":
      ck_rms_norm_gradient_rows(x, plan.gamma?.values, plan.epsilon, dy, dy, nil, rows, width)
    case "Sort":
      for row in 0..<rows {
        let (x, y, dy) = (x + row * width, y + row * width, dy + row * width)
        // Equals keep their order.
        let order = (0..<width).sorted { (x[$0], $0) < (x[$1], $1) }
        y.update(from: dy, count: width)
        for (place, index) in order.enumerated() { dy[index] = y[place] }
      }
    default:
      Self.accumulateBack(
        x, y, dy, rows: rows, width: width, isProduct: name == "Cumprod")
    }
    plan.rows.scatter(dy, into: target, rows: frame.rows)
  }

  /// Each number gets what all running sums from it on get; of products, over the number itself.
  private static func accumulateBack(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafeMutablePointer<Float>,
    rows: Int, width: Int, isProduct: Bool
  ) {
    for row in 0..<rows {
      var total: Float = 0
      for i in (row * width..<(row + 1) * width).reversed() {
        total += isProduct ? dy[i] * y[i] : dy[i]
        // TensorFlow's quotient by zero is zero here.
        dy[i] = isProduct ? (x[i] == 0 ? 0 : total / x[i]) : total
      }
    }
  }
}
