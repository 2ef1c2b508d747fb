import Keras

/// `ConvLSTM1D`, `ConvLSTM2D` and `ConvLSTM3D` whose channels come before the spatial dimensions: what
/// goes in and what comes out is turned, and the layer between sees channels last.
enum ChannelsFirstConvLSTM: Wrapper {
  static let classNames = ConvLSTM.layerNames

  static func lower(
    _ layer: LayerGraph.Layer, _ call: Invocation, _ inputs: [Int], _ scope: NetworkBuilder.Scope,
    _ builder: NetworkBuilder
  ) throws(NetworkError) -> [Int] {
    let made = try builder.factory.layer(layer, in: scope.place)
    guard LayerReading(layer, age: builder.factory.age).isChannelsFirst else {
      return try builder.emit(made, layer, call, inputs, scope)
    }
    var call = call
    var inputs = inputs
    builder.takeMask(&call, &inputs)
    // The spatial dimensions and the channels; before them may be time.
    let rank = inputs.first.map { builder.plan.values[$0].shape.count - 1 } ?? 0
    func turned(_ value: Int, _ order: (Int) -> [Int]) throws(NetworkError) -> Int {
      let shape = builder.plan.values[value].shape
      guard rank > 1, shape.count == rank || shape.count == rank + 1 else { return value }
      let before = shape.count - rank
      let result = try builder.add(
        builder.factory.helper(Permute(order: Array(0..<before) + order(before))), partOf: layer,
        to: [value], scope)[0]
      // A mask of the time steps alone stays what it is.
      if let mask = builder.plan.values[value].mask, before == 1, mask.shape.count == 1 {
        builder.plan.values[result].mask = mask
      }
      return result
    }
    for i in inputs.indices {
      inputs[i] = try turned(inputs[i]) { Array($0 + 1..<$0 + rank) + [$0] }
    }
    var outputs = try builder.emit(made, layer, call, inputs, scope)
    for i in outputs.indices {
      outputs[i] = try turned(outputs[i]) { [$0 + rank - 1] + Array($0..<$0 + rank - 1) }
    }
    return outputs
  }
}
