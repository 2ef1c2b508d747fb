import Glibc
import JSON
import Tensors

@testable import Keras
@testable import Network

/// One layer by itself, made of a configuration and variables written down in a test.
struct LayerTrial {
  typealias Array = (shape: [Int], values: [Float])

  var className: String
  /// The layer's configuration as JSON text.
  var config: String
  var variables: [String: Array] = [:]
  var age = KerasAge.three
  /// `keras.src.ops.numpy` for an operation.
  var module: String? = "keras.layers"
  /// The call; without one, all inputs in their order.
  var arguments: [Invocation.Bound]?
  var keywords: [(name: String, value: Invocation.Bound)] = []
  /// Masks of the inputs, floats; what masks the outputs have comes after the outputs.
  var masks: [Array?] = []

  /// What the layer makes of `inputs`, whose shapes begin with the number of rows. `before` is
  /// called with the layer and its memory before it runs.
  func outputs(_ inputs: [Array], before: ((any Layer, Frame) -> Void)? = nil) throws -> [Array] {
    let made = try layer()
    var plan = Plan()
    for (i, input) in inputs.enumerated() {
      plan.inputs.append(
        plan.add(Swift.Array(input.shape.dropFirst()), rowsPerSample: 1, kind: .input(i)))
    }
    let call = Invocation(
      arguments: arguments ?? plan.inputs.indices.map { .value($0) }, keywords: keywords)
    var given = inputs
    for (i, mask) in masks.enumerated() {
      guard let mask else { continue }
      let shape = Swift.Array(mask.shape.dropFirst())
      let value = plan.add(shape, rowsPerSample: 1, kind: .input(given.count))
      plan.values[plan.inputs[i]].mask = Plan.Value.Mask(
        shape: shape, storage: plan.values[value].storage)
      given.append(mask)
    }
    plan.outputs = try plan.add(
      made, name: "trial", className: className, call, inputs: plan.inputs, rowsPerSample: 1)
    made.prepare()
    for output in plan.outputs {
      guard let mask = plan.values[output].mask else { continue }
      plan.values.append(
        Plan.Value(shape: mask.shape, rowsPerSample: 1, storage: mask.storage, mask: nil))
      plan.outputs.append(plan.values.count - 1)
    }
    let rows = inputs[0].shape[0]
    let workspace = Workspace(plan, Arena(plan, samples: rows))
    let memory = given.map { input in
      let floats = UnsafeMutablePointer<Float>.allocate(capacity: max(1, input.values.count))
      floats.initialize(from: input.values, count: input.values.count)
      return floats
    }
    defer { for floats in memory { floats.deallocate() } }
    _ = workspace.run(memory, samples: rows) { node, frame in before?(node.layer, frame) }
    return plan.outputs.enumerated().map { i, value in
      let shape = plan.values[value].shape
      let count = rows * shape.reduce(1, *)
      return (
        [rows] + shape, Swift.Array(UnsafeBufferPointer(start: workspace.output(i), count: count))
      )
    }
  }

  func output(_ input: Array) throws -> Array { try outputs([input])[0] }

  /// The layer with its variables.
  func layer() throws -> any Layer {
    try Product.load()
    let object = try JSON.parse(Swift.Array(config.utf8)).objectValue ?? JSON.Object()
    let layer = LayerGraph.Layer(
      name: "trial", isNamed: true, className: className, module: module,
      registeredName: nil,
      config: object, calls: [], content: .plain)
    var parameters: [String: Parameter] = [:]
    for (name, value) in variables {
      let parameter = Parameter(
        name: name, role: .kernel, shape: value.shape, tensor: 0, isTrainable: true)
      for (i, number) in value.values.enumerated() { parameter.values[i] = number }
      parameters[name] = parameter
    }
    let definition = Definition(
      layer: layer, settings: LayerReading(layer, age: age), variables: parameters, held: [])
    guard let type = LayerList.type(for: layer) else { throw LayerFault.unsupported(className) }
    return try type.init(definition)
  }
}

/// Numbers that are neither regular nor random: `i ↦ sin(i + seed)`.
func wave(_ shape: [Int], seed: Double = 0) -> LayerTrial.Array {
  (shape, (0..<shape.reduce(1, *)).map { Float(sin(Double($0) + seed)) })
}

/// Whether all numbers agree within 1e-5 relative and 1e-6 absolute.
func agree(_ a: [Float], _ b: [Float]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= 1e-6 + 1e-5 * abs($1) }
}
