import JSON
import Keras

/// Keras 2's `TFOpLambda` and `SlicingOpLambda`: a function of TensorFlow by name, with its arguments
/// in the call.
final class TensorFlowOperation: Delegating {
  static let classNames = ["TFOpLambda", "SlicingOpLambda"]

  let inner: any Layer
  private let name: String
  private let function: TensorFlowFunctions.Function

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
    try inner.infer(try translated(call))
  }

  /// The call with all arguments by the names that Keras 3's operation has for them.
  private func translated(_ call: Invocation) throws(LayerFault) -> Invocation {
    var new = call
    new.arguments = []
    new.keywords = []
    var given = call.arguments
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
      try add(parameter.keras, name: parameter.name, value, to: &new)
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
        name == "dtype" || name == "output_type" || name == "num" || constant == false
        || constant == 0 || constant == "NHWC" || constant == "N...C" || constant == 1.0
    default: harmless = false
    }
    guard harmless else {
      throw .unsupported("'\(name)' of the TensorFlow function '\(self.name)'")
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
