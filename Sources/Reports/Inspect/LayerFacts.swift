import JSON

/// The tensors of one layer, added up.
struct LayerFacts: Sendable, Equatable {
  /// nil: tensors that belong to no layer.
  var layer: String?
  var layerClass: String?
  var tensors = 0
  var count = 0
  /// Elements of the prunable tensors, and the zeros among them.
  var prunable = 0
  var zeros = 0
  var bytes = 0
  var storedBytes = 0

  var sparsity: Double? { share(zeros, of: prunable) }

  var json: JSON.Value {
    [
      "layer": .optional(layer), "class": .optional(layerClass), "tensors": .integer(tensors),
      "count": .integer(count), "prunable": .integer(prunable), "zeros": .integer(zeros),
      "sparsity": .optional(sparsity), "bytes": .integer(bytes),
      "stored_bytes": .integer(storedBytes),
    ]
  }
}

extension InspectReport {
  /// Tensors folded by layer, in the order in which the layers first appear, or in `order`. The
  /// optimizer's are left out.
  var layers: [LayerFacts] {
    var layers: [LayerFacts] = []
    var places: [String?: Int] = [:]
    for tensor in modelTensors {
      let place = places[tensor.layer] ?? layers.count
      if place == layers.count {
        places[tensor.layer] = place
        layers.append(LayerFacts(layer: tensor.layer, layerClass: tensor.layerClass))
      }
      layers[place].tensors += 1
      layers[place].count += tensor.count
      layers[place].bytes += tensor.bytes
      layers[place].storedBytes += tensor.storedBytes
      guard tensor.prunable else { continue }
      layers[place].prunable += tensor.count
      layers[place].zeros += tensor.zeros
    }
    guard let order else { return layers }
    return order.sorted(layers) { order.key(of: $0) }
  }

  var sortedTensors: [TensorFacts] {
    guard let order else { return tensors }
    return order.sorted(tensors) { order.key(of: $0) }
  }
}
