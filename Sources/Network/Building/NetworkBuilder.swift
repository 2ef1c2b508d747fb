import Documents
import JSON
import Keras

/// Walks a model's graph, nested models and wrappers included, and lays its calls out one after
/// another in a `Plan`.
///
/// Nested models are run in place: a call of one is the calls of its layers. `Wrapper`s are taken
/// apart here too, so that what runs is plain layers alone.
final class NetworkBuilder {
  let factory: LayerFactory
  let path: String
  var plan = Plan()
  /// Layers with a penalty on what they give that training cannot take into account.
  var unknownPenalties: [String] = []

  init(_ model: Model, path: String) {
    factory = LayerFactory(model, path: path)
    self.path = path
  }

  /// Where in the model the builder is.
  struct Scope {
    var place = LayerFactory.Place()
    /// Rows that a layer here sees for each sample: time steps, below a `TimeDistributed`.
    var rowsPerSample = 1
  }

  // MARK: Graphs

  /// The outputs of `graph` for these inputs, in the order of the configuration.
  func run(_ graph: LayerGraph, on inputs: [Int], _ scope: Scope) throws(NetworkError) -> [Int] {
    var known: [LayerGraph.TensorReference: Int] = [:]
    let entries = graph.inputs.tensors
    guard entries.isEmpty || entries.count == inputs.count else {
      throw .badGraph(
        path: path,
        what:
          "model '\(graph.name?.printable() ?? graph.className)' has \(entries.count) inputs and is given \(inputs.count)"
      )
    }
    for (entry, value) in zip(entries, inputs) { known[entry] = value }
    var queue = try CallQueue(graph, known: Set(known.keys), path: path)
    while let (layer, number) = queue.next() {
      let source = graph.layers[layer]
      var call = source.calls[number]
      if call.tensors.isEmpty, entries.isEmpty, layer == 0, let first = inputs.first {
        // The first layer of a Sequential that has no InputLayer.
        known[Self.given] = first
        call = LayerGraph.Call([.tensor(Self.given)])
      }
      let outputs = try self.call(source, call, known, scope)
      for (i, value) in outputs.enumerated() {
        let reference = LayerGraph.TensorReference(layer: source.key, call: number, output: i)
        if known[reference] == nil { known[reference] = value }
      }
      queue.done(layer, number)
    }
    try queue.checkFinished()
    if graph.layers.isEmpty
      || (graph.isSequential && entries.count == 1 && graph.outputs.tensors.isEmpty)
    {
      return inputs
    }
    var outputs: [Int] = []
    for reference in graph.outputs.tensors {
      guard let value = known[reference] else {
        throw .badGraph(
          path: path,
          what:
            "an output of the model is of layer '\(reference.layer.printable)', which does not give it"
        )
      }
      outputs.append(value)
    }
    return outputs
  }

  /// Stands for what a Sequential is given.
  private static let given = LayerGraph.TensorReference(layer: "", call: -1, output: 0)

  // MARK: Calls

  private func call(
    _ layer: LayerGraph.Layer, _ call: LayerGraph.Call,
    _ known: [LayerGraph.TensorReference: Int], _ scope: Scope
  ) throws(NetworkError) -> [Int] {
    var inputs: [Int] = []
    var invocation = Invocation()
    for argument in call.arguments {
      invocation.arguments.append(try bind(argument, known, &inputs))
    }
    for (name, value) in call.keywords {
      invocation.keywords.append((name, try bind(value, known, &inputs)))
    }
    return try apply(layer, invocation, to: inputs, scope)
  }

  private func bind(
    _ argument: LayerGraph.Argument, _ known: [LayerGraph.TensorReference: Int],
    _ inputs: inout [Int]
  ) throws(NetworkError) -> Invocation.Bound {
    switch argument {
    case .tensor(let reference):
      guard let value = known[reference] else {
        throw .badGraph(
          path: path,
          what:
            "a call takes output \(reference.output) of layer '\(reference.layer.printable)', which has none such"
        )
      }
      inputs.append(value)
      return .value(inputs.count - 1)
    case .list(let members):
      var bound: [Invocation.Bound] = []
      for member in members { bound.append(try bind(member, known, &inputs)) }
      return .list(bound)
    case .dictionary(let members):
      var bound: [(key: String, value: Invocation.Bound)] = []
      for (key, value) in members { bound.append((key, try bind(value, known, &inputs))) }
      return .dictionary(bound)
    case .constant(let value): return .constant(value)
    }
  }

  /// The outputs of a layer, whatever it is made of, for these inputs.
  ///
  /// - Parameter isCalled: whether Keras calls the layer as such, so that its penalty on what it gives
  ///   counts, and does not only have it compute.
  func apply(
    _ layer: LayerGraph.Layer, _ call: Invocation, to inputs: [Int], _ scope: Scope,
    isCalled: Bool = true
  ) throws(NetworkError) -> [Int] {
    let outputs = try lower(layer, call, to: inputs, scope)
    return isCalled ? try penalized(outputs, of: layer, scope) : outputs
  }

  private func lower(
    _ layer: LayerGraph.Layer, _ call: Invocation, to inputs: [Int], _ scope: Scope
  ) throws(NetworkError) -> [Int] {
    if case .model(let graph) = layer.content {
      var inner = scope
      inner.place.models.append(layer.name)
      inner.place.wrapper = nil
      var call = call
      var inputs = inputs
      takeMask(&call, &inputs)
      return try run(graph, on: inputs, inner)
    }
    guard !layer.isForeign else {
      let className = layer.className.printable(limit: 40)
      throw .unsupported(
        path: path, layer: scope.place.name(of: layer).printable(), className: className,
        what: "layer class '\(className)', which is not Keras's own,")
    }
    if let wrapper = WrapperList.byName[layer.className] {
      return try wrapper.lower(layer, call, inputs, scope, self)
    }
    return try emit(try factory.layer(layer, in: scope.place), layer, call, inputs, scope)
  }

  /// Adds a call of a layer that runs, in Keras's order of dimensions for channels-first ones.
  func emit(
    _ made: any Layer, _ layer: LayerGraph.Layer, _ call: Invocation, _ inputs: [Int],
    _ scope: Scope
  ) throws(NetworkError) -> [Int] {
    var call = call
    var inputs = inputs
    takeMask(&call, &inputs)
    let isFirst =
      type(of: made).hasChannels && LayerReading(layer, age: factory.age).isChannelsFirst
    let name = scope.place.name(of: layer)
    do throws(LayerFault) {
      if isFirst {
        for i in inputs.indices { inputs[i] = try channelsLast(inputs[i], name, scope) }
      }
      var outputs = try plan.add(
        made, name: name, className: layer.className, call, inputs: inputs,
        rowsPerSample: scope.rowsPerSample)
      if isFirst, let rank = inputs.first.map({ plan.values[$0].shape.count }) {
        for i in outputs.indices where plan.values[outputs[i]].shape.count == rank {
          outputs[i] = try channelsFirst(outputs[i], name, scope)
        }
      }
      return outputs
    } catch {
      throw error.located(
        path: path, layer: name.printable(), className: layer.className.printable(limit: 40))
    }
  }

  /// Masks that the call names itself, one or one for each input, take the place of those that came
  /// with the values, and are no inputs any more.
  func takeMask(_ call: inout Invocation, _ inputs: inout [Int]) {
    let masks: [(input: Int, mask: Int)]
    switch call.keyword("mask") {
    case .value(let mask): masks = [(0, mask)]
    case .list(let members):
      masks = members.enumerated().compactMap { input, member in
        if case .value(let mask) = member { (input, mask) } else { nil }
      }
    case .dictionary, .constant, nil: return
    }
    let taken = Set(masks.map(\.mask))
    guard taken.allSatisfy(inputs.indices.contains), masks.allSatisfy({ !taken.contains($0.input) })
    else { return }
    call.namesMask = true
    for (input, mask) in masks where inputs.indices.contains(input) {
      let mask = plan.values[inputs[mask]]
      var masked = plan.values[inputs[input]]
      masked.mask = Plan.Value.Mask(shape: mask.shape, storage: mask.storage)
      plan.values.append(masked)
      inputs[input] = plan.values.count - 1
    }
    call.keywords.removeAll { $0.name == "mask" }
    for index in taken.sorted(by: >) {
      inputs.remove(at: index)
      call.arguments = call.arguments.map { $0.without(index) }
      call.keywords = call.keywords.map { ($0.name, $0.value.without(index)) }
    }
  }

  private func channelsLast(_ value: Int, _ name: String, _ scope: Scope) throws(LayerFault) -> Int
  {
    let rank = plan.values[value].shape.count
    guard rank > 1 else { return value }
    return try transpose(value, Array(1..<rank) + [0], name, scope)
  }

  private func channelsFirst(_ value: Int, _ name: String, _ scope: Scope) throws(LayerFault) -> Int
  {
    let rank = plan.values[value].shape.count
    guard rank > 1 else { return value }
    return try transpose(value, [rank - 1] + Array(0..<rank - 1), name, scope)
  }

  private func transpose(_ value: Int, _ order: [Int], _ name: String, _ scope: Scope)
    throws(LayerFault) -> Int
  {
    let mask = plan.values[value].mask
    let result = try plan.add(
      factory.helper(Permute(order: order)), name: name, className: "Permute",
      Invocation(arguments: [.value(0)]), inputs: [value], rowsPerSample: scope.rowsPerSample)[0]
    plan.values[result].mask = mask
    return result
  }
}
