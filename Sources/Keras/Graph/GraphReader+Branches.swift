import Documents
import JSON

extension GraphReader {
  /// The branches of a Keras 1 Sequential that begins with a `Merge` of others, which stand in its
  /// configuration; nil for anything else.
  static func branches(of entry: JSON.Value?) -> [JSON.Value]? {
    guard entry?["class_name"] == "Merge", let layers = entry?["config"]?["layers"]?.arrayValue,
      !layers.isEmpty
    else { return nil }
    return layers
  }

  /// Makes a graph of such a Sequential: an input for each that a branch has, the layers of the
  /// branches, and the rest of the chain from the `Merge` on. Sequentials among the branches give
  /// their layers, as they do in the weights' list (Keras 1, `Sequential.flattened_layers`).
  ///
  /// - Parameter graph: its layers are the chain.
  func spread(_ graph: inout LayerGraph, over branches: [LayerGraph.Layer]) {
    var inputs: [LayerGraph.TensorReference] = []
    var ends: [LayerGraph.Argument] = []
    var layers: [LayerGraph.Layer] = []
    for branch in branches {
      var own = [branch]
      if case .model(let inner) = branch.content, branch.className == "Sequential" {
        own = inner.layers
        ends.append(inner.outputs)
        inputs += inner.inputs.tensors
      } else {
        ends.append(.tensor(output(of: branch)))
      }
      if let first = own.first, first.className != "InputLayer" {
        let input = Self.input(of: first)
        inputs.append(output(of: input))
        layers.append(input)
        own[0].calls = [LayerGraph.Call([.tensor(output(of: input))])]
      }
      layers += own
    }
    var chain = graph.layers
    for i in chain.indices {
      chain[i].calls = [LayerGraph.Call(i == 0 ? ends : [.tensor(output(of: chain[i - 1]))])]
    }
    graph.layers = layers + chain
    graph.isSequential = false
    graph.inputs = .list(inputs.map { .tensor($0) })
    graph.outputs = .list(chain.last.map { [.tensor(output(of: $0))] } ?? [])
  }

  /// What Keras 1 leaves out of the configuration.
  private static func input(of layer: LayerGraph.Layer) -> LayerGraph.Layer {
    let name = "\(layer.name)_input"
    let shape = layer.config["batch_input_shape"] ?? .null
    return LayerGraph.Layer(
      name: name, isNamed: true, className: "InputLayer", module: nil, registeredName: nil,
      config: JSON.Object([("name", .string(name)), ("batch_input_shape", shape)]), calls: [],
      content: .plain)
  }
}
