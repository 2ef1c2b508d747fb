import JSON
import Keras

/// The same numbers, under another shape or as they are.
final class ViewOperation: Layer {
  static let classNames = [
    "Reshape", "ExpandDims", "Squeeze", "Ravel", "StopGradient", "Copy", "Identity",
    "BatchFlatten", "ConvertToTensor", "Conj", "Conjugate", "Real", "Array",
  ]

  private let name: String
  private let settings: LayerReading

  init(_ definition: Definition) throws(LayerFault) {
    name = definition.className
    settings = definition.settings
  }

  /// What stops gradients has to be a value of its own in training.
  private var isStop: Bool { name == "StopGradient" }
  var isView: Bool { !isStop }
  var passes: Bool { isStop }
  var worksInPlace: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let arguments = OperationArguments(call: call, settings: settings)
    let key = name == "StopGradient" ? "variable" : "x"
    let (index, shape) = try arguments.shape(key, at: 0)
    guard index == 0 else { throw .unsupported("another input than the first") }
    switch name {
    case "Reshape": return [Signal(try reshaped(arguments, shape))]
    case "ExpandDims":
      var shape = shape
      // Counted in the result, one dimension later than in the input.
      for axis in try arguments.ints("axis", at: 1) ?? [] {
        shape.insert(1, at: try Axes.place(axis, rank: shape.count + 1))
      }
      return [Signal(shape)]
    case "Squeeze":
      guard try arguments.setting("axis", at: 1) != nil else {
        return [Signal(shape.filter { $0 != 1 })]
      }
      let axes = try arguments.axes("axis", at: 1, rank: shape.count)
      guard axes.allSatisfy({ shape[$0] == 1 }) else {
        throw .bad("squeezes a dimension of \(Signal.text(shape)) that is not 1")
      }
      return [Signal(shape.indices.filter { !axes.contains($0) }.map { shape[$0] })]
    case "BatchFlatten": return [Signal([shape.reduce(1, *)])]
    case "Ravel": throw .unsupported("all samples as one row, which mixes them,")
    default: return [Signal(shape)]
    }
  }

  /// The target's first dimension is the batch, which nobody knows.
  private func reshaped(_ arguments: OperationArguments, _ shape: [Int]) throws(LayerFault) -> [Int]
  {
    guard let list = try arguments.setting("newshape", at: 1).flatMap(LayerReading.list),
      let first = list.first
    else { throw .unsupported("a shape out of the data itself") }
    guard first.isNull || first == -1 else {
      throw .unsupported("a shape that says how many samples there are")
    }
    var target: [Int] = []
    for size in list.dropFirst() {
      guard size.isNull || LayerReading.size(size) != nil else {
        throw .unsupported("a shape with \(size.shown)")
      }
      target.append(LayerReading.size(size) ?? -1)
    }
    guard first.isNull || !target.contains(-1) else { throw .bad("two dimensions are left open") }
    if !target.contains(-1), let count = Plan.floats(of: target, 1),
      count != shape.reduce(1, *)
    {
      throw .unsupported(
        "a reshape from \(Signal.text(shape)) to \(Signal.text(target)), which mixes samples,")
    }
    return try Reshape.shape(target, of: Signal(shape))
  }

  func forward(_ frame: Frame) { frame.passInput() }
}

/// `Cast`: numbers stay floats, and lose what their type would not hold.
final class CastOperation: Layer {
  static let classNames = ["Cast", "SaturateCast"]

  private let settings: LayerReading
  private var functions: [Int: (input: Int, function: NumberFunction?)] = [:]

  init(_ definition: Definition) throws(LayerFault) { settings = definition.settings }

  var worksInPlace: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let arguments = OperationArguments(call: call, settings: settings)
    let (index, shape) = try arguments.shape("x", at: 0)
    let type = try arguments.setting("dtype", at: 1)?.stringValue ?? "float32"
    let function: NumberFunction?
    switch type {
    // Half precision is computed in single.
    case "float16", "bfloat16", "float32", "float64": function = nil
    case "bool": function = .isNonzero
    case "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64":
      function = .trunc
    default: throw .unsupported("a cast to \(type.printable(limit: 40))")
    }
    functions[call.number] = (index, function)
    return [Signal(shape)]
  }

  func forward(_ frame: Frame) {
    guard let (input, function) = functions[frame.call.number] else { return }
    let (x, y) = (frame.input(input), frame.output())
    let count = frame.rows * frame.outputs[0].count
    if let function {
      function.apply(x, y, count)
    } else if x != y {
      y.update(from: x, count: count)
    }
  }
}

extension ViewOperation: Trainable {
  var backwardReads: BackwardReads { [] }

  /// The gradient of a view is its input's; behind what stops it there is none.
  func backward(_ frame: TrainingFrame) { frame.clearInputGradients() }
}

extension CastOperation: Trainable {
  var backwardReads: BackwardReads { [] }

  /// Whole numbers and truths have no gradient.
  func backward(_ frame: TrainingFrame) {
    frame.clearInputGradients()
    guard let (input, function) = functions[frame.call.number], function == nil,
      let dx = frame.inputGradient(input)
    else { return }
    dx.update(
      from: frame.outputGradient(), count: frame.rows * frame.frame.outputs[0].count)
  }
}
