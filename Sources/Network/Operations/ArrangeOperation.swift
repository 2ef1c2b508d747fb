import JSON
import Keras

/// Elements in other places: slices, transpositions, flips and repeats.
final class ArrangeOperation: Layer {
  static let classNames = [
    "GetItem", "Transpose", "Swapaxes", "Moveaxis", "Flip", "Fliplr", "Repeat", "Tile",
    "BroadcastTo",
  ]

  private let name: String
  private let settings: LayerReading
  private var plans: [Int: (input: Int, copy: StridedCopy)] = [:]

  init(_ definition: Definition) throws(LayerFault) {
    name = definition.className
    settings = definition.settings
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let arguments = OperationArguments(call: call, settings: settings)
    let (index, shape) = try arguments.shape("x", at: 0)
    let result: (shape: [Int], copy: StridedCopy)
    switch name {
    case "GetItem":
      guard let key = try arguments.setting("key", at: 1) else { throw .bad("'key' is not given") }
      result = try SliceKey(key).apply(shape)
    case "Transpose": result = Self.transposed(shape, try order(arguments, shape))
    case "Swapaxes":
      let one = try arguments.axis("axis1", at: 1, rank: shape.count)
      let two = try arguments.axis("axis2", at: 2, rank: shape.count)
      var order = Array(shape.indices)
      order.swapAt(one, two)
      result = Self.transposed(shape, order)
    case "Moveaxis": result = Self.transposed(shape, try moved(arguments, shape))
    case "Flip", "Fliplr": result = try flipped(arguments, shape)
    case "Repeat": result = try repeated(arguments, shape)
    case "Tile": result = try tiled(arguments, shape)
    default: result = try broadcast(arguments, shape)
    }
    guard Plan.floats(of: result.shape, 1) != nil else {
      throw .bad("the output \(Signal.text(result.shape)) is too large to compute")
    }
    plans[call.number] = (index, result.copy)
    return [Signal(result.shape)]
  }

  private static func transposed(_ shape: [Int], _ order: [Int]) -> ([Int], StridedCopy) {
    (order.map { shape[$0] }, .transposed(shape, order))
  }

  private func order(_ arguments: OperationArguments, _ shape: [Int]) throws(LayerFault) -> [Int] {
    guard let axes = try arguments.ints("axes", at: 1) else {
      throw .unsupported("a transposition that moves the batch")
    }
    var order: [Int] = []
    for axis in axes { order.append(axis < 0 ? axis + shape.count + 1 : axis) }
    guard order.sorted() == Array(0...shape.count) else {
      throw .bad("axes \(axes) is no order of \(shape.count + 1) dimensions")
    }
    guard order.first == 0 else { throw .unsupported("a transposition that moves the batch") }
    return order.dropFirst().map { $0 - 1 }
  }

  private func moved(_ arguments: OperationArguments, _ shape: [Int]) throws(LayerFault) -> [Int] {
    let source = try arguments.ints("source", at: 1) ?? []
    let destination = try arguments.ints("destination", at: 2) ?? []
    guard source.count == destination.count else { throw .bad("moves axes to too few places") }
    var (from, to): ([Int], [Int]) = ([], [])
    for axis in source { from.append(try Axes.place(axis, rank: shape.count)) }
    for axis in destination { to.append(try Axes.place(axis, rank: shape.count)) }
    guard Set(from).count == from.count, Set(to).count == to.count else {
      throw .bad("moves an axis twice")
    }
    var order = shape.indices.filter { !from.contains($0) }
    for (place, axis) in zip(to, from).sorted(by: { $0.0 < $1.0 }) { order.insert(axis, at: place) }
    return order
  }

  private func flipped(_ arguments: OperationArguments, _ shape: [Int]) throws(LayerFault)
    -> ([Int], StridedCopy)
  {
    let axes =
      name == "Fliplr"
      ? [try Axes.place(1, rank: shape.count)]
      : try arguments.axes("axis", at: 1, rank: shape.count)
    var steps = StridedCopy.strides(of: shape)
    var start = 0
    for axis in axes {
      start += (shape[axis] - 1) * steps[axis]
      steps[axis] = -steps[axis]
    }
    return (shape, StridedCopy(sizes: shape, steps: steps, start: shape.contains(0) ? 0 : start))
  }

  /// Each element of a dimension several times.
  private func repeated(_ arguments: OperationArguments, _ shape: [Int]) throws(LayerFault)
    -> ([Int], StridedCopy)
  {
    guard let times = try arguments.ints("repeats", at: 1), times.count == 1, times[0] >= 0 else {
      throw .unsupported("repeats of their own for every element")
    }
    let axis = try arguments.axis("axis", at: 2, rank: shape.count)
    var (result, sizes, steps) = (shape, shape, StridedCopy.strides(of: shape))
    result[axis] = try Self.product(shape[axis], times[0])
    sizes.insert(times[0], at: axis + 1)
    steps.insert(0, at: axis + 1)
    return (result, StridedCopy(sizes: sizes, steps: steps))
  }

  /// Dimensions one after another several times.
  private func tiled(_ arguments: OperationArguments, _ shape: [Int]) throws(LayerFault)
    -> ([Int], StridedCopy)
  {
    var times = try arguments.ints("repeats", at: 1) ?? []
    guard times.count <= shape.count + 1, times.allSatisfy({ $0 >= 0 }) else {
      throw .unsupported("tiles of more dimensions than there are")
    }
    times = [Int](repeating: 1, count: shape.count + 1 - times.count) + times
    guard times.removeFirst() == 1 else { throw .unsupported("a tile of the batch") }
    let strides = StridedCopy.strides(of: shape)
    var (result, sizes, steps): ([Int], [Int], [Int]) = ([], [], [])
    for axis in shape.indices {
      result.append(try Self.product(shape[axis], times[axis]))
      sizes += [times[axis], shape[axis]]
      steps += [0, strides[axis]]
    }
    return (result, StridedCopy(sizes: sizes, steps: steps))
  }

  private func broadcast(_ arguments: OperationArguments, _ shape: [Int]) throws(LayerFault)
    -> ([Int], StridedCopy)
  {
    let list = try arguments.setting("shape", at: 1).flatMap(LayerReading.list) ?? []
    guard list.count == shape.count + 1, list[0].isNull || list[0] == -1 else {
      throw .unsupported("a broadcast that says the batch")
    }
    let target = list.dropFirst().compactMap(LayerReading.size)
    var steps = StridedCopy.strides(of: shape)
    guard target.count == shape.count, zip(shape, target).allSatisfy({ $0 == 1 || $0 == $1 }) else {
      throw .bad("does not make \(Signal.text(target)) of \(Signal.text(shape))")
    }
    for axis in shape.indices where shape[axis] == 1 { steps[axis] = 0 }
    return (target, StridedCopy(sizes: target, steps: steps))
  }

  private static func product(_ a: Int, _ b: Int) throws(LayerFault) -> Int {
    guard let product = Plan.floats(of: [a, b], 1) else { throw .bad("the output is too large") }
    return product
  }

  func forward(_ frame: Frame) {
    guard let (input, copy) = plans[frame.call.number] else { return }
    copy.run(
      frame.input(input), sourceRow: frame.call.inputs[input].count, frame.output(),
      rows: frame.rows)
  }
}

extension ArrangeOperation: Trainable {
  var backwardReads: BackwardReads { [] }

  func backward(_ frame: TrainingFrame) {
    frame.clearInputGradients()
    guard let (input, copy) = plans[frame.call.number], let dx = frame.inputGradient(input) else {
      return
    }
    copy.addBack(
      frame.outputGradient(), to: dx, sourceRow: frame.call.inputs[input].count, rows: frame.rows)
  }
}
