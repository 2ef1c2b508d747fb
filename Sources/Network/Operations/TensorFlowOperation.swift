import JSON
import Keras

/// Keras 2's `TFOpLambda` and `SlicingOpLambda`: a function of TensorFlow by name, with its arguments
/// in the call.
final class TensorFlowOperation: Delegating {
  static let classNames = ["TFOpLambda", "SlicingOpLambda"]

  let inner: any Trainable
  private let name: String
  private let function: TensorFlowFunctions.Function
  /// The calls whose results are sizes alone.
  private var shapes: Set<Int> = []

  init(_ definition: Definition) throws(LayerFault) {
    guard let name = definition.settings.text("function") else {
      throw .bad("'function' is not given")
    }
    let shown = name.printable(limit: 60)
    guard let function = TensorFlowFunctions.byName[name],
      let type = OperationList.byName[function.operation]
    else { throw .unsupported("the TensorFlow function '\(shown)'") }
    self.name = shown
    self.function = function
    var layer = definition.layer
    layer.className = function.operation
    // What the layer itself is set to is nothing of the function's.
    layer.config = JSON.Object()
    let settings = LayerReading(function.operation, JSON.Object(), age: definition.age)
    inner = try type.init(
      Definition(layer: layer, settings: settings, variables: [:], held: []))
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let translated = try translated(call)
    guard let sizes = call.inputs.first?.sizes else { return try inner.infer(translated) }
    shapes.insert(call.number)
    return try picked(from: sizes, translated)
  }

  func forward(_ frame: Frame) {
    // Whoever takes a size has it since the call was laid out.
    guard !shapes.contains(frame.call.number) else { return }
    inner.forward(frame)
  }

  func train(_ frame: TrainingFrame) {
    guard !shapes.contains(frame.call.number) else { return }
    inner.train(frame)
  }

  func backward(_ frame: TrainingFrame) {
    guard !shapes.contains(frame.call.number) else { return frame.clearInputGradients() }
    inner.backward(frame)
  }

  /// What is picked out of a shape.
  private func picked(from sizes: Signal.Sizes, _ call: Invocation) throws(LayerFault) -> [Signal] {
    guard case .list(let list) = sizes else {
      throw .unsupported("arithmetic with sizes by the TensorFlow function '\(name)'")
    }
    if function.operation == "Unstack" { return list.map { Signal([], sizes: .one($0)) } }
    guard function.operation == "GetItem", let key = call.constant("key") else {
      throw .unsupported("arithmetic with sizes by the TensorFlow function '\(name)'")
    }
    let (shape, places) = try SliceKey(key).places(in: list.count)
    let chosen = places.map { list[$0] }
    return [Signal(shape, sizes: shape.isEmpty ? .one(chosen[0]) : .list(chosen))]
  }

  /// The call with all arguments by the names that Keras 3's operation has for them.
  private func translated(_ call: Invocation) throws(LayerFault) -> Invocation {
    var new = call
    new.arguments = []
    new.keywords = []
    var given = call.arguments.map { Self.sized($0, call) }
    if function.takesList, !given.isEmpty {
      // The list's members stand one beside another.
      let members = given.flatMap { argument -> [Invocation.Bound] in
        if case .list(let members) = argument { members } else { [argument] }
      }
      given = [.list(members)]
    }
    guard given.count <= function.parameters.count else {
      throw .bad("'\(name)' is given \(given.count) arguments")
    }
    for (parameter, value) in zip(function.parameters, given) {
      try add(parameter.keras, name: parameter.name, Self.plain(value), to: &new)
    }
    for (name, value) in call.keywords where name != "name" {
      guard let parameter = function.parameters.first(where: { $0.name == name }) else {
        throw .unsupported(
          "'\(name.printable(limit: 40))' of the TensorFlow function '\(self.name)'")
      }
      try add(parameter.keras, name: parameter.name, Self.sized(value, call), to: &new)
    }
    for (name, value) in function.fixed where new.keyword(name) == nil {
      new.keywords.append((name, .constant(value)))
    }
    return new
  }

  private func add(
    _ keras: String, name: String, _ value: Invocation.Bound, to call: inout Invocation
  ) throws(LayerFault) {
    if case .constant(let constant) = value, constant.isNull { return }
    guard keras.isEmpty else {
      call.keywords.append((keras, value))
      return
    }
    // Settings that say nothing but what is the case anyway.
    let harmless: Bool
    switch value {
    case .constant(let constant):
      harmless =
        ["dtype", "output_type", "out_type", "num"].contains(name) || constant == false
        || constant == 0 || constant == "NHWC" || constant == "N...C" || constant == 1.0
    default: harmless = false
    }
    guard harmless else {
      throw .unsupported("'\(name)' of the TensorFlow function '\(self.name)'")
    }
  }

  /// An argument with the sizes in it as numbers, null for the number of samples.
  private static func sized(_ value: Invocation.Bound, _ call: Invocation) -> Invocation.Bound {
    func json(_ size: Int?) -> JSON.Value { size.map { .integer($0) } ?? .null }
    switch value {
    case .value(let index):
      switch call.inputs[index].sizes {
      case .one(let size): return .constant(json(size))
      case .list(let sizes): return .constant(.array(sizes.map(json)))
      case nil: return value
      }
    case .list(let members):
      let read = members.map { sized($0, call) }
      let constants = read.compactMap { member -> JSON.Value? in
        if case .constant(let constant) = member { constant } else { nil }
      }
      return constants.count == read.count ? .constant(.array(constants)) : .list(read)
    default: return value
    }
  }

  /// A constant as a first argument: `["_CONSTANT_VALUE", -1, value, {…}]`.
  private static func plain(_ value: Invocation.Bound) -> Invocation.Bound {
    if case .constant(let constant) = value, let fields = constant.arrayValue, fields.count >= 3,
      fields[0] == "_CONSTANT_VALUE"
    {
      return .constant(fields[2])
    }
    return value
  }
}
