import JSON
import Keras

/// `Sum`, `Mean`, `Argmax` and their like: one number of many, along dimensions of a row.
final class ReduceOperation: Layer {
  static let classNames = Array(functions.keys)

  private static let functions: [String: Reduction] = [
    "Sum": .sum, "Mean": .mean, "Max": .max, "Amax": .max, "Min": .min, "Amin": .min,
    "Prod": .prod, "Var": .variance, "Std": .deviation, "All": .all, "Any": .any,
    "CountNonzero": .countNonzero, "Logsumexp": .logSumExp, "Argmax": .argmax, "Argmin": .argmin,
    "Norm": .norm, "Average": .mean,
  ]

  private let function: Reduction
  private let settings: LayerReading
  private var plans: [Int: (input: Int, rows: AxisRows)] = [:]

  init(_ definition: Definition) throws(LayerFault) {
    function = Self.functions[definition.className] ?? .sum
    settings = definition.settings
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let arguments = OperationArguments(call: call, settings: settings)
    let (index, shape) = try arguments.shape("x", at: 0)
    for key in ["initial", "weights"] where try arguments.setting(key) != nil {
      throw .unsupported("a reduction with '\(key)'")
    }
    if function == .norm, let order = try arguments.setting("ord"),
      order != 2 && order != "euclidean"
    {
      throw .unsupported("the norm of order \(order.shown)")
    }
    let axes = try arguments.axes("axis", at: 1, rank: shape.count)
    guard function != .norm || axes.count == 1 else {
      throw .unsupported("the norm of a matrix")
    }
    guard axes.allSatisfy({ shape[$0] > 0 }) else {
      throw .bad("reduces \(Signal.text(shape)) along a dimension of no size")
    }
    plans[call.number] = (index, AxisRows(shape, axes: axes))
    let isKept = try arguments.flag("keepdims", at: 2, default: false)
    let result = shape.indices.compactMap { axes.contains($0) ? (isKept ? 1 : nil) : shape[$0] }
    return [Signal(result)]
  }

  func scratch(_ call: Invocation, rows: Int) -> Int {
    rows * (plans[call.number]?.rows.scratch ?? 0)
  }

  func forward(_ frame: Frame) {
    guard let (input, rows) = plans[frame.call.number] else { return }
    rows.reduce(frame.input(input), frame.output(), rows: frame.rows, scratch: frame.scratch) {
      x, y, count in
      function.apply(x, y, rows: count, width: rows.width)
    }
  }
}

extension ReduceOperation: Trainable {
  func trainingScratch(_ call: Invocation, rows: Int) -> Int {
    guard let plan = plans[call.number] else { return 0 }
    return 2 * rows * call.inputs[plan.input].count
  }

  func backward(_ frame: TrainingFrame) {
    frame.clearInputGradients()
    guard let (input, rows) = plans[frame.call.number], let dx = frame.inputGradient(input) else {
      return
    }
    let x = frame.scratch
    let slopes = x + frame.rows * frame.call.inputs[input].count
    rows.gather(frame.input(input), into: x, rows: frame.rows)
    function.backpropagate(
      x, y: frame.output(), frame.outputGradient(), into: slopes, rows: frame.rows * rows.outer,
      width: rows.width)
    rows.scatter(slopes, into: dx, rows: frame.rows)
  }
}
