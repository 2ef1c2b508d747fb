import Keras

/// `TimeDistributed`: the held layer sees every time step as a row of its own.
enum TimeDistributed: Wrapper {
  static let classNames = ["TimeDistributed"]

  static func lower(
    _ layer: LayerGraph.Layer, _ call: Invocation, _ inputs: [Int], _ scope: NetworkBuilder.Scope,
    _ builder: NetworkBuilder
  ) throws(NetworkError) -> [Int] {
    func bad(_ what: String) -> NetworkError {
      .badLayer(
        path: builder.path, layer: scope.place.name(of: layer).printable(),
        className: layer.className, what: what)
    }
    guard case .wrapper(let held) = layer.content, let inner = held.first?.layers.first else {
      throw bad("holds no layer")
    }
    var call = call
    var inputs = inputs
    builder.takeMask(&call, &inputs)
    guard inputs.count == 1 else { throw bad("takes one input and is given \(inputs.count)") }
    let input = builder.plan.values[inputs[0]]
    guard let steps = input.shape.first else {
      throw bad("the input \(Signal.text(input.shape)) has no time steps")
    }
    var below = scope
    below.rowsPerSample = scope.rowsPerSample * steps
    below.place.wrapper = scope.place.wrapper ?? layer.name
    let view = builder.plan.addView(
      of: inputs[0], shape: Array(input.shape.dropFirst()), rowsPerSample: below.rowsPerSample)
    // A mask of more than the steps is one of what the held layer sees.
    if let mask = input.mask, mask.shape.count > 1 {
      builder.plan.values[view].mask = Plan.Value.Mask(
        shape: Array(mask.shape.dropFirst()), storage: mask.storage)
    }
    let outputs = try builder.apply(
      inner, Invocation(arguments: [.value(0)]), to: [view], below, isCalled: false)
    return outputs.map { output in
      let value = builder.plan.addView(
        of: output, shape: [steps] + builder.plan.values[output].shape,
        rowsPerSample: scope.rowsPerSample)
      if let mask = input.mask, builder.plan.values[value].shape.starts(with: mask.shape) {
        builder.plan.values[value].mask = mask
      }
      return value
    }
  }
}
