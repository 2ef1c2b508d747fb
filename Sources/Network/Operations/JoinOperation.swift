import JSON
import Keras

/// `Concatenate` and `Stack`: tensors one after another along a dimension, or along a new one.
final class JoinOperation: Layer {
  static let classNames = ["Concatenate", "Stack", "Hstack", "Append"]

  private let name: String
  private let settings: LayerReading
  private var plans: [Int: (inputs: [Int], axis: Int)] = [:]

  init(_ definition: Definition) throws(LayerFault) {
    name = definition.className
    settings = definition.settings
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let arguments = OperationArguments(call: call, settings: settings)
    let inputs =
      name == "Append"
      ? [try arguments.input("x1", at: 0), try arguments.input("x2", at: 1)]
      : try arguments.list(name == "Stack" ? "x" : "xs", at: 0)
    guard let first = inputs.first.map({ call.inputs[$0] }) else {
      throw .bad("joins tensors and is given none")
    }
    if name == "Stack" {
      guard inputs.allSatisfy({ call.inputs[$0].shape == first.shape }) else {
        throw .bad("stacks tensors of different shapes")
      }
      let place = try arguments.axis("axis", at: 1, rank: first.rank + 1, default: 0)
      plans[call.number] = (inputs, place)
      var shape = first.shape
      shape.insert(inputs.count, at: place)
      return [Signal(shape)]
    }
    let axis =
      name == "Hstack" ? 1 : try arguments.int("axis", at: name == "Append" ? 2 : 1, default: 0)
    let shape = try Joining.shape(inputs.map { call.inputs[$0] }, axis: axis)
    plans[call.number] = (inputs, try Axes.place(axis, rank: shape.count))
    return [Signal(shape)]
  }

  func forward(_ frame: Frame) {
    guard let (inputs, axis) = plans[frame.call.number] else { return }
    let shape = frame.outputShape
    let outer = frame.rows * shape[..<axis].reduce(1, *)
    let run = shape[axis...].reduce(1, *)
    var at = 0
    for input in inputs {
      let x = frame.input(input)
      let own = frame.call.inputs[input].shape[axis...].reduce(1, *)
      for row in 0..<outer {
        (frame.output() + row * run + at).update(from: x + row * own, count: own)
      }
      at += own
    }
  }
}

/// `Split` and `Unstack`: a dimension in parts, each an output.
final class SplitOperation: Layer {
  static let classNames = ["Split", "ArraySplit", "Unstack", "Hsplit"]

  private let name: String
  private let settings: LayerReading
  private var plans: [Int: (input: Int, axis: Int)] = [:]

  init(_ definition: Definition) throws(LayerFault) {
    name = definition.className
    settings = definition.settings
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let arguments = OperationArguments(call: call, settings: settings)
    let (index, shape) = try arguments.shape("x", at: 0)
    if name == "Unstack" {
      let axis = try arguments.axis("axis", at: 2, rank: shape.count, default: 0)
      guard shape[axis] <= 1 << 16 else { throw .unsupported("\(shape[axis]) outputs") }
      plans[call.number] = (index, axis)
      var part = shape
      part.remove(at: axis)
      return [Signal](repeating: Signal(part), count: shape[axis])
    }
    let axis =
      name == "Hsplit"
      ? try Axes.place(1, rank: shape.count)
      : try arguments.axis("axis", at: 2, rank: shape.count, default: 0)
    plans[call.number] = (index, axis)
    var parts: [Signal] = []
    for size in try sizes(arguments, shape[axis]) {
      var part = shape
      part[axis] = size
      parts.append(Signal(part))
    }
    return parts
  }

  /// How `size` elements are shared out.
  private func sizes(_ arguments: OperationArguments, _ size: Int) throws(LayerFault) -> [Int] {
    // TensorFlow says how large the parts are, NumPy where they end.
    if let sizes = try arguments.ints("sizes"), sizes.count > 1 || sizes == [-1] {
      let known = sizes.filter { $0 >= 0 }.reduce(0, +)
      let all = sizes.map { $0 >= 0 ? $0 : size - known }
      guard sizes.count <= size + 1, sizes.count(where: { $0 < 0 }) <= 1, all.reduce(0, +) == size,
        all.allSatisfy({ $0 >= 0 })
      else { throw .bad("splits \(size) into \(sizes)") }
      return all
    }
    let given = try arguments.setting("sizes")
    let other = try arguments.setting("indices_or_sections", at: 1)
    let value = given ?? other ?? .null
    if let count = LayerReading.size(value) ?? oneSize(value) {
      guard count > 0, count <= max(size, 1) else { throw .bad("splits \(size) into \(count)") }
      guard size % count == 0 || name == "ArraySplit" else {
        throw .bad("splits \(size) into \(count)")
      }
      return (0..<count).map { size / count + ($0 < size % count ? 1 : 0) }
    }
    let ends = (LayerReading.list(value) ?? []).compactMap(LayerReading.size)
    guard ends.count == LayerReading.list(value)?.count, ends.count <= size + 1 else {
      throw .bad("splits at \(value.shown)")
    }
    let places = [0] + ends.map { min(max($0 < 0 ? $0 + size : $0, 0), size) } + [size]
    guard zip(places, places.dropFirst()).allSatisfy({ $0 <= $1 }) else {
      throw .unsupported("splits that overlap")
    }
    return zip(places, places.dropFirst()).map { $1 - $0 }
  }

  private func oneSize(_ value: JSON.Value) -> Int? {
    guard settings.className == "TFOpLambda", let list = LayerReading.list(value), list.count == 1
    else { return nil }
    return LayerReading.size(list[0])
  }

  func forward(_ frame: Frame) {
    guard let (input, axis) = plans[frame.call.number] else { return }
    let shape = frame.call.inputs[input].shape
    let outer = frame.rows * shape[..<axis].reduce(1, *)
    let (run, inner) = (shape[axis...].reduce(1, *), shape[(axis + 1)...].reduce(1, *))
    let x = frame.input(input)
    var at = 0
    for (k, output) in frame.outputs.enumerated() {
      let own = name == "Unstack" ? inner : output.shape[axis] * inner
      let y = frame.output(k)
      for row in 0..<outer { (y + row * own).update(from: x + row * run + at, count: own) }
      at += own
    }
  }
}

extension JoinOperation: Trainable {
  var backwardReads: BackwardReads { [] }

  func backward(_ frame: TrainingFrame) {
    frame.clearInputGradients()
    guard let (inputs, axis) = plans[frame.call.number] else { return }
    let shape = frame.outputShape
    let outer = frame.rows * shape[..<axis].reduce(1, *)
    let run = shape[axis...].reduce(1, *)
    var at = 0
    for input in inputs {
      let own = frame.call.inputs[input].shape[axis...].reduce(1, *)
      if let dx = frame.inputGradient(input) {
        for row in 0..<outer {
          Sums.add(frame.outputGradient() + row * run + at, to: dx + row * own, count: own)
        }
      }
      at += own
    }
  }
}

extension SplitOperation: Trainable {
  var backwardReads: BackwardReads { [] }

  func backward(_ frame: TrainingFrame) {
    frame.clearInputGradients()
    guard let (input, axis) = plans[frame.call.number], let dx = frame.inputGradient(input) else {
      return
    }
    let shape = frame.call.inputs[input].shape
    let outer = frame.rows * shape[..<axis].reduce(1, *)
    let (run, inner) = (shape[axis...].reduce(1, *), shape[(axis + 1)...].reduce(1, *))
    var at = 0
    for (k, output) in frame.frame.outputs.enumerated() {
      let own = name == "Unstack" ? inner : output.shape[axis] * inner
      let dy = frame.outputGradient(k)
      for row in 0..<outer { (dx + row * run + at).update(from: dy + row * own, count: own) }
      at += own
    }
  }
}
