import Keras

extension NetworkBuilder {
  /// What `body` gives, its complaints said of `layer`.
  func locating<Result>(
    _ layer: LayerGraph.Layer, _ scope: Scope, _ body: () throws(LayerFault) -> Result
  ) throws(NetworkError) -> Result {
    do throws(LayerFault) {
      return try body()
    } catch {
      throw error.located(
        path: path, layer: scope.place.name(of: layer).printable(),
        className: layer.className.printable(limit: 40))
    }
  }

  /// Adds a call of `made`, a part of what `layer` is taken apart into, on these values: all of them
  /// its arguments, unless the call is given.
  func add(
    _ made: any Layer, partOf layer: LayerGraph.Layer, _ call: Invocation? = nil,
    to inputs: [Int], _ scope: Scope
  ) throws(NetworkError) -> [Int] {
    try locating(layer, scope) { () throws(LayerFault) in
      try plan.add(
        made, name: scope.place.name(of: layer), className: layer.className,
        call ?? Invocation(arguments: inputs.indices.map { .value($0) }), inputs: inputs,
        rowsPerSample: scope.rowsPerSample)
    }
  }
}
