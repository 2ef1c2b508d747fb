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

  /// Adds a call of `made`, a part of what `layer` is taken apart into, on these values.
  func add(
    _ made: any Layer, partOf layer: LayerGraph.Layer, to inputs: [Int], _ scope: Scope,
    keywords: [(name: String, value: Invocation.Bound)] = []
  ) throws(NetworkError) -> [Int] {
    try locating(layer, scope) { () throws(LayerFault) in
      let named = keywords.flatMap(\.value.values)
      let call = Invocation(
        arguments: inputs.indices.filter { !named.contains($0) }.map { .value($0) },
        keywords: keywords)
      return try plan.add(
        made, name: scope.place.name(of: layer), className: layer.className, call, inputs: inputs,
        rowsPerSample: scope.rowsPerSample)
    }
  }
}
