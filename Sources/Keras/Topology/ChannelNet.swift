import Documents
import JSON

/// A model as lookahead pruning sees it: what each call of a layer does to channels, nested models
/// taken apart.
struct ChannelNet {
  enum Operation {
    /// An input of the model.
    case source
    /// A layer with kernels: the one that reads its input, and the one that gives its output.
    case kernels(first: Int, last: Int)
    /// Keeps channels apart and in place.
    case pass
    case normalise(Topology.Normalisation)
    case flatten
    case sum
    case concatenate
    /// Anything else.
    case stop
  }

  struct Node {
    var operation: Operation
    var inputs: [Int]
    /// Channels of the output, where known.
    var width: Int?
  }

  private(set) var nodes: [Node] = []
  private let kernels: KernelTable
  /// Beyond this, a model nested in itself again and again is not followed.
  private static let largest = 200_000

  init(
    _ graph: LayerGraph, shapes: [LayerGraph.TensorReference: PartialShape], kernels: KernelTable
  ) {
    self.kernels = kernels
    _ = expand(graph, prefix: [], given: [], shapes: shapes)
    if nodes.count >= Self.largest { nodes = [] }
  }

  private mutating func add(_ operation: Operation, _ inputs: [Int] = [], width: Int? = nil) -> Int
  {
    nodes.append(Node(operation: operation, inputs: inputs, width: width))
    return nodes.count - 1
  }

  /// Adds the nodes of one use of a model, and returns those of its outputs. `given` are the nodes
  /// that it is called with; none for the model as a whole.
  private mutating func expand(
    _ graph: LayerGraph, prefix: [String], given: [Int],
    shapes: [LayerGraph.TensorReference: PartialShape]
  ) -> [Int] {
    var made: [LayerGraph.TensorReference: Int] = [:]
    for (input, node) in zip(graph.inputs.tensors, given) { made[input] = node }
    var waiting = graph.layers.flatMap { layer in
      (layer.calls.isEmpty ? [LayerGraph.Call([])] : layer.calls).enumerated().map {
        (layer, $0.offset, $0.element)
      }
    }
    // Mostly in order; what waits for later layers gets another turn.
    for _ in 0..<50 where !waiting.isEmpty && nodes.count < Self.largest {
      var later: [(LayerGraph.Layer, Int, LayerGraph.Call)] = []
      for (layer, number, call) in waiting {
        let reference = LayerGraph.TensorReference(layer: layer.key, call: number, output: 0)
        if made[reference] != nil { continue }
        var inputs = call.tensors.compactMap { made[$0] }
        guard inputs.count == call.tensors.count else {
          later.append((layer, number, call))
          continue
        }
        // The first layer of a Sequential without an InputLayer reads what the model is given.
        if inputs.isEmpty, graph.isSequential, let first = given.first { inputs = [first] }
        let outputs = node(layer, inputs, prefix, shapes[reference])
        for (k, output) in outputs.enumerated() {
          made[.init(layer: layer.key, call: number, output: k)] = output
        }
      }
      if later.count == waiting.count { break }
      waiting = later
    }
    return graph.outputs.tensors.map { made[$0] ?? add(.stop) }
  }

  private mutating func node(
    _ layer: LayerGraph.Layer, _ inputs: [Int], _ prefix: [String], _ shape: PartialShape?
  ) -> [Int] {
    if case .model(let inner) = layer.content {
      return expand(inner, prefix: prefix + [layer.name], given: inputs, shapes: [:])
    }
    if layer.className == "InputLayer" { return [add(.source, width: shape?.last)] }
    guard let input = inputs.first else { return [leaf(layer, [], prefix)] }
    switch layer.className {
    case "Flatten": return [add(.flatten, [input], width: shape?.last)]
    case "Add", "Average":
      return [add(inputs.count > 1 ? .sum : .stop, inputs, width: nodes[input].width)]
    case "Concatenate" where isOnChannels(layer):
      let widths = inputs.map { nodes[$0].width }
      return [add(.concatenate, inputs, width: PartialShape.sum(widths))]
    case "BatchNormalization":
      guard let normalisation = kernels.normalisation(prefix + [layer.name], layer) else {
        return [add(.stop)]
      }
      return [add(.normalise(normalisation), [input], width: nodes[input].width)]
    default: return [leaf(layer, inputs, prefix)]
    }
  }

  private func isOnChannels(_ layer: LayerGraph.Layer) -> Bool {
    guard let axis = layer.config["axis"]?.integerValue, axis != -1 else { return true }
    // Positive axes depend on the rank: 3 is the channels of images, 2 of sequences, 1 of vectors.
    return axis == 3
  }

  private mutating func leaf(_ layer: LayerGraph.Layer, _ inputs: [Int], _ prefix: [String]) -> Int
  {
    if let (first, last, width) = kernels.chain(prefix + [layer.name], layer) {
      return add(.kernels(first: first, last: last), inputs, width: width)
    }
    guard inputs.count == 1, Self.passing.contains(layer.className) || layer.isActivation else {
      return add(.stop)
    }
    return add(.pass, inputs, width: nodes[inputs[0]].width)
  }

  private static let passing: Set<String> = {
    var all = Set(LayerCatalogue.shapePreserving)
    for rank in 1...3 {
      for name in [
        "MaxPooling", "AveragePooling", "GlobalMaxPooling", "GlobalAveragePooling", "ZeroPadding",
        "Cropping", "UpSampling",
      ] {
        all.insert("\(name)\(rank)D")
      }
    }
    return all.union(["PReLU", "LayerNormalization", "GroupNormalization", "RMSNormalization"])
  }()
}

extension PartialShape {
  static func sum(_ widths: [Int?]) -> Int? {
    var sum = 0
    for width in widths {
      guard let width else { return nil }
      let (next, wraps) = sum.addingReportingOverflow(width)
      if wraps { return nil }
      sum = next
    }
    return sum
  }
}

extension LayerGraph.Layer {
  /// An activation function that Keras 3 recorded as an operation.
  fileprivate var isActivation: Bool {
    isOperation && Activations.known.contains(SnakeCase.of(className)) && className != "Softmax"
  }
}
