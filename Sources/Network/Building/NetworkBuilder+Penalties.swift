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
    // Keras hands it on to the layers inside, which are not layers here.
    guard !layer.className.hasSuffix("Attention") || layer.className == "Attention"
      || layer.className == "AdditiveAttention"
    else {
      unknownPenalties.append(scope.place.name(of: layer))
      return outputs
    }
    var behind: [Int] = []
    for output in outputs {
      behind += try add(
        factory.helper(ActivityPenalty(penalty)), partOf: layer, to: [output], scope)
    }
    return behind
  }
}
