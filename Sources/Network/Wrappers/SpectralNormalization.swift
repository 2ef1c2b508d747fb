import Keras

/// `SpectralNormalization`: the held layer runs with its kernel as it is stored, which training
/// divides by its largest singular value before every step (`SpectralDivision`).
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
    var outputs = try builder.apply(inner, call, to: inputs, below)
    if let first = outputs.first {
      let division = try builder.division(layer, scope)
      outputs.replaceSubrange(
        ..<1, with: try builder.add(division, partOf: layer, to: [first], scope))
    }
    // The wrapper knows nothing of masks, and so ends them.
    for output in outputs { builder.plan.values[output].mask = nil }
    return outputs
  }
}

extension NetworkBuilder {
  /// One for each wrapper, however often it is called.
  fileprivate func division(
    _ layer: LayerGraph.Layer, _ scope: Scope
  ) throws(NetworkError) -> SpectralDivision {
    let name = scope.place.name(of: layer)
    do {
      let definition = try factory.definition(layer, in: scope.place)
      return factory.helper(try SpectralDivision(definition))
    } catch {
      throw error.located(
        path: path, layer: name.printable(), className: layer.className.printable(limit: 40))
    }
  }
}
