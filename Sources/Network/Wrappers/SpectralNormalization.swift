import Keras

/// `SpectralNormalization` as it predicts: training has divided the kernel already, and the held layer
/// runs as it is.
enum SpectralNormalization: Wrapper {
  static let classNames = ["SpectralNormalization"]

  static func lower(
    _ layer: LayerGraph.Layer, _ call: Invocation, _ inputs: [Int], _ scope: NetworkBuilder.Scope,
    _ builder: NetworkBuilder
  ) throws(NetworkError) -> [Int] {
    guard case .wrapper(let held) = layer.content, let inner = held.first?.layers.first else {
      throw .badLayer(
        path: builder.path, layer: scope.place.name(of: layer).printable(),
        className: layer.className, what: "holds no layer")
    }
    var below = scope
    below.place.wrapper = scope.place.wrapper ?? layer.name
    let outputs = try builder.apply(inner, call, to: inputs, below)
    // The wrapper knows nothing of masks, and so ends them.
    for output in outputs { builder.plan.values[output].mask = nil }
    return outputs
  }
}
