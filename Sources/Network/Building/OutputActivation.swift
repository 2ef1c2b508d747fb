import JSON
import Keras

/// What the last computation before an output makes of its numbers, as far as judging it depends on
/// that.
enum OutputActivation: Equatable {
  /// Probabilities that sum to 1.
  case softmax
  /// Probabilities each by itself.
  case sigmoid
  /// Any number.
  case linear
  case other

  /// One for every output of `graph`, in its order.
  static func all(of graph: LayerGraph) -> [OutputActivation] {
    let outputs = graph.outputs.tensors
    if outputs.isEmpty, let last = graph.layers.last {
      return [of(.init(layer: last.key, call: 0, output: 0), in: graph, depth: 0)]
    }
    return outputs.map { of($0, in: graph, depth: 0) }
  }

  private static func of(
    _ reference: LayerGraph.TensorReference, in graph: LayerGraph, depth: Int
  ) -> OutputActivation {
    guard let layer = graph.layer(named: reference.layer), depth < deepest else { return .other }
    if case .model(let inner) = layer.content {
      let activations = all(of: inner)
      return activations.indices.contains(reference.output)
        ? activations[reference.output] : .other
    }
    if carrying.contains(layer.className), layer.calls.indices.contains(reference.call),
      let before = layer.calls[reference.call].tensors.first
    {
      return of(before, in: graph, depth: depth + 1)
    }
    return of(layer)
  }

  /// Layers that move numbers and change none.
  private static let carrying: Set<String> = [
    "Identity", "Flatten", "Reshape", "Permute", "Dropout", "ActivityRegularization", "Masking",
    "RepeatVector", "Squeeze", "ExpandDims",
  ]

  /// Reshapes in a row; more are no model.
  private static let deepest = 1000

  private static func of(_ layer: LayerGraph.Layer) -> OutputActivation {
    if layer.className == "TimeDistributed", case .wrapper(let parts) = layer.content,
      let inner = parts.first?.layers.first
    {
      if case .model(let graph) = inner.content { return all(of: graph).first ?? .other }
      return of(inner)
    }
    switch layer.className {
    case "Softmax", "softmax": return .softmax
    case "Sigmoid", "HardSigmoid": return .sigmoid
    default: break
    }
    guard let value = layer.config["activation"] else { return .other }
    if value.isNull { return .linear }
    let object = value["class_name"]?.stringValue
    let name =
      value.stringValue ?? (object == "function" ? value["config"]?.stringValue : object) ?? ""
    switch name {
    case "softmax", "Softmax": return .softmax
    case "sigmoid", "hard_sigmoid": return .sigmoid
    case "linear": return .linear
    default: return .other
    }
  }
}
