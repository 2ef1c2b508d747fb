import Documents
import JSON
import Keras

/// The inputs and outputs of a whole model: names, and shapes as far as the configuration says.
struct ModelPorts {
  let inputs: [Network.Port]
  private let outputNames: [String]

  init(_ graph: LayerGraph, age: KerasAge, path: String) throws(NetworkError) {
    let references = graph.inputs.tensors
    if references.isEmpty {
      guard let first = graph.layers.first else {
        throw .badGraph(path: path, what: "the model has no layers")
      }
      let shape = Self.shape(first, age: age)
      inputs = [Network.Port(name: first.name, shape: shape ?? [], isOpen: shape == nil)]
    } else {
      var ports: [Network.Port] = []
      for reference in references {
        guard let layer = graph.layer(named: reference.layer) else {
          throw .badGraph(
            path: path,
            what:
              "an input of the model is layer '\(reference.layer.printable)', which it does not have"
          )
        }
        let shape = Self.shape(layer, age: age)
        ports.append(Network.Port(name: layer.name, shape: shape ?? [], isOpen: shape == nil))
      }
      inputs = ports
    }
    outputNames = Self.names(graph.outputs)
  }

  /// The names of the outputs: the keys of a dictionary, else the layers that give them; what comes
  /// again is numbered (`lstm`, `lstm_1`).
  func outputs(count: Int) -> [String] {
    guard outputNames.count == count else { return (0..<count).map { "output_\($0)" } }
    var taken = Set<String>()
    var times: [String: Int] = [:]
    return outputNames.map { name in
      var unique = name
      while !taken.insert(unique).inserted {
        times[name, default: 0] += 1
        unique = "\(name)_\(times[name] ?? 1)"
      }
      return unique
    }
  }

  private static func names(_ argument: LayerGraph.Argument) -> [String] {
    switch argument {
    case .tensor(let reference): [reference.layer.description]
    case .list(let members): members.flatMap(names)
    case .dictionary(let members):
      members.flatMap { member in
        member.value.tensors.count == 1 ? [member.key] : names(member.value)
      }
    case .constant: []
    }
  }

  /// The shape of a sample that an input layer (or the first layer of a Sequential) declares.
  private static func shape(_ layer: LayerGraph.Layer, age: KerasAge) -> [Int?]? {
    if case .model(let graph) = layer.content {
      return graph.layers.first.flatMap { shape($0, age: age) }
    }
    let settings = LayerReading(layer, age: age)
    if let value = settings.value("batch_shape", "batch_input_shape"),
      let list = LayerReading.list(value), !list.isEmpty
    {
      return list.dropFirst().map(LayerReading.size)
    }
    if let value = settings.value("input_shape", "shape"), let list = LayerReading.list(value) {
      return list.map(LayerReading.size)
    }
    if let width = settings.int("input_dim"), layer.className != "Embedding" {
      return settings.value("input_length").map { [LayerReading.size($0), width] } ?? [width]
    }
    if layer.className == "Embedding" { return [settings.int("input_length")] }
    return nil
  }

  /// Definite shapes: those given, checked against the configuration, or the configuration's own.
  func shapes(_ given: [[Int]]?, path: String) throws(NetworkError) -> [[Int]] {
    guard let given else {
      var own: [[Int]] = []
      for input in inputs {
        let known = input.shape.compactMap { $0 }
        guard known.count == input.shape.count, !input.isOpen else {
          throw .badInput(
            path: path,
            what:
              "the model leaves the shape of its input '\(input.name.printable())' open: data has to say it"
          )
        }
        own.append(known)
      }
      return own
    }
    guard given.count == inputs.count else {
      throw .badInput(
        path: path,
        what:
          "the model takes \(inputs.count) input\(inputs.count == 1 ? "" : "s") and is given \(given.count)"
      )
    }
    for (shape, input) in zip(given, inputs) where !input.isOpen {
      let fits =
        shape.count == input.shape.count
        && zip(shape, input.shape).allSatisfy { $1 == nil || $0 == $1 }
      guard fits else {
        let wanted = input.shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
        throw .badInput(
          path: path,
          what:
            "samples have the shape \(Signal.text(shape)), the model's input '\(input.name.printable())' takes (\(wanted))"
        )
      }
    }
    return given
  }
}
