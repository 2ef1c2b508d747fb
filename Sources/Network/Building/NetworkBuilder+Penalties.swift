import Keras

extension NetworkBuilder {
  /// `outputs`, those of a call of `layer`, each behind the penalty that the layer's configuration puts
  /// on it.
  func penalized(
    _ outputs: [Int], of layer: LayerGraph.Layer, _ scope: Scope
  ) throws(NetworkError) -> [Int] {
    let penalty: Regularizer?
    do throws(LayerFault) {
      penalty = try Penalties.activity(of: LayerReading(layer, age: factory.age))
    } catch {
      // One that coppice does not know matters in training alone.
      unknownPenalties.append(scope.place.name(of: layer))
      return outputs
    }
    guard let penalty else { return outputs }
    guard factory.age == .three, MultiHeadAttention.classNames.contains(layer.className) else {
      return try penalized(outputs, by: penalty, of: layer, scope)
    }
    // Keras 3 hands it on to the projections inside, of which the last one's is put behind the layer.
    // GroupQueryAttention keeps it for itself, too.
    let last = try penalized([outputs[0]], by: penalty, of: layer, scope) + outputs.dropFirst()
    return layer.className == "MultiHeadAttention"
      ? last : try penalized(last, by: penalty, of: layer, scope)
  }

  private func penalized(
    _ outputs: [Int], by penalty: Regularizer, of layer: LayerGraph.Layer, _ scope: Scope
  ) throws(NetworkError) -> [Int] {
    var behind: [Int] = []
    for output in outputs {
      behind += try add(
        factory.helper(ActivityPenalty(penalty)), partOf: layer, to: [output], scope)
    }
    return behind
  }
}
