import Documents
import JSON

/// Reads a model's configuration, of any age of Keras, into a `LayerGraph`.
///
/// What it cannot make sense of becomes a problem or a note, and the rest is still read: a file can
/// be listed and pruned with a configuration that coppice does not understand.
struct GraphReader {
  let age: KerasAge
  private(set) var problems: [ModelProblem] = []
  private(set) var notes: [String] = []
  /// Whether two layers have one name: Keras makes no such model, and names lead nowhere in it.
  private(set) var hasTwins = false

  init(age: KerasAge) { self.age = age }

  /// The graph of `{"class_name": …, "config": …}`; nil where it describes no layers at all.
  mutating func graph(of value: JSON.Value) -> LayerGraph? {
    guard let object = value.objectValue else {
      problem(nil, "the configuration is no JSON object")
      return nil
    }
    guard let className = object["class_name"]?.stringValue else {
      problem(nil, "the configuration has no class_name")
      return nil
    }
    guard let graph = graph(className, object["config"] ?? .null, place: nil) else {
      notes.append(
        "class \(className.printable()) is unknown and has no list of layers: "
          + "its tensors can be pruned, it cannot be run")
      return nil
    }
    if !Self.modelClasses.contains(className) {
      notes.append(
        "model class \(className.printable()) is unknown: its tensors can be pruned, it cannot be run"
      )
    }
    return graph
  }

  static let modelClasses: Set<String> = ["Sequential", "Functional", "Model"]

  /// The graph of a model's `config`, which holds `layers` or (old Sequential) is their list.
  private mutating func graph(_ className: String, _ config: JSON.Value, place: String?)
    -> LayerGraph?
  {
    let object = config.objectValue ?? JSON.Object()
    guard let entries = config.arrayValue ?? object["layers"]?.arrayValue else { return nil }
    let isSequential = object["output_layers"] == nil && object["input_layers"] == nil
    var graph = LayerGraph(
      className: className, name: object["name"]?.stringValue, layers: [], inputs: .list([]),
      outputs: .list([]), isSequential: isSequential,
      isTrainable: object["trainable"]?.boolValue ?? true)
    var unnamed: [String: Int] = [:]
    for entry in entries {
      guard let layer = layer(entry, unnamed: &unnamed) else { continue }
      graph.layers.append(layer)
    }
    let branches = (isSequential ? Self.branches(of: entries.first) : nil)?.compactMap {
      layer($0, unnamed: &unnamed)
    }
    refuseTwins(graph, place)
    if let branches {
      spread(&graph, over: branches)
    } else if isSequential {
      chain(&graph)
    } else {
      connect(&graph, entries, object)
    }
    return graph
  }

  private mutating func problem(_ place: String?, _ what: String) {
    problems.append(ModelProblem(.badConfiguration, at: place, what))
  }

  private mutating func refuseTwins(_ graph: LayerGraph, _ place: String?) {
    var seen: Set<Name> = []
    for layer in graph.layers where layer.isNamed && !seen.insert(layer.key).inserted {
      hasTwins = true
      problem(
        place,
        "two layers have the name '\(layer.name.printable())': names must be unique, this is a duplicate"
      )
    }
  }

  // MARK: Layers

  private mutating func layer(_ entry: JSON.Value, unnamed: inout [String: Int]) -> LayerGraph
    .Layer?
  {
    guard let object = entry.objectValue, let className = object["class_name"]?.stringValue else {
      problem(nil, "the configuration holds a layer without a class_name")
      return nil
    }
    let config = object["config"]?.objectValue ?? JSON.Object()
    var name = config["name"]?.stringValue ?? object["name"]?.stringValue
    let isNamed = name != nil
    if name == nil {
      unnamed[className, default: 0] += 1
      name = "\(SnakeCase.of(className))_\(unnamed[className] ?? 1)"
    }
    var layer = LayerGraph.Layer(
      name: name ?? className, isNamed: isNamed, className: className,
      module: object["module"]?.stringValue,
      registeredName: object["registered_name"]?.stringValue, config: config, calls: [],
      content: .plain, isRecorded: false)
    if let inner = graph(className, object["config"] ?? .null, place: layer.name.printable()),
      LayerCatalogue.isModel(className, inner)
    {
      layer.content = .model(inner)
    } else if let held = held(className, config) {
      layer.content = .wrapper(held)
    }
    return layer
  }

  /// The layers that a wrapper keeps under attributes.
  private mutating func held(_ className: String, _ config: JSON.Object) -> [LayerGraph.Held]? {
    var unnamed: [String: Int] = [:]
    func single(_ attribute: String, _ layer: LayerGraph.Layer?) -> LayerGraph.Held? {
      layer.map { LayerGraph.Held(attribute: attribute, isList: false, layers: [$0]) }
    }
    switch className {
    case "Bidirectional":
      guard let entry = config["layer"], let forward = layer(entry, unnamed: &unnamed) else {
        return nil
      }
      var backward = config["backward_layer"].flatMap { layer($0, unnamed: &unnamed) } ?? forward
      if backward.name == forward.name { backward.name = "backward_\(forward.name)" }
      return [single("forward_layer", forward), single("backward_layer", backward)].compactMap(
        \.self)
    case "RNN", "StackedRNNCells":
      if let cells = config["cells"]?.arrayValue ?? config["cell"]?.arrayValue {
        let layers = cells.compactMap { layer($0, unnamed: &unnamed) }
        return [LayerGraph.Held(attribute: "cells", isList: true, layers: layers)]
      }
      guard let entry = config["cell"], let cell = layer(entry, unnamed: &unnamed) else {
        return nil
      }
      return [single("cell", cell)].compactMap(\.self)
    default:
      guard let entry = config["layer"], entry["class_name"] != nil,
        let inner = layer(entry, unnamed: &unnamed)
      else { return nil }
      return [single("layer", inner)].compactMap(\.self)
    }
  }

  // MARK: Calls

  /// A Sequential: every layer takes what the one before it gives.
  private func chain(_ graph: inout LayerGraph) {
    for i in graph.layers.indices.dropFirst() {
      graph.layers[i].calls = [LayerGraph.Call([.tensor(output(of: graph.layers[i - 1]))])]
    }
    guard let first = graph.layers.first, let last = graph.layers.last else { return }
    if first.className == "InputLayer" {
      graph.inputs = .tensor(output(of: first))
    } else {
      graph.layers[0].calls = [LayerGraph.Call([])]
    }
    graph.outputs = .tensor(output(of: last))
  }

  func output(of layer: LayerGraph.Layer) -> LayerGraph.TensorReference {
    LayerGraph.TensorReference(layer: layer.key, call: 0, output: 0)
  }

  private func connect(_ graph: inout LayerGraph, _ entries: [JSON.Value], _ config: JSON.Object) {
    let arguments = ArgumentReader(layers: Set(graph.layers.map(\.key)))
    // Entries that were no layers were left out: match by name, which is how calls refer to them.
    var nodes: [Name: [JSON.Value]] = [:]
    for entry in entries {
      guard let name = entry["name"]?.stringValue ?? entry["config"]?["name"]?.stringValue else {
        continue
      }
      nodes[Name(name)] = entry["inbound_nodes"]?.arrayValue ?? []
    }
    for i in graph.layers.indices {
      let calls = nodes[graph.layers[i].key] ?? []
      graph.layers[i].calls = calls.map(arguments.call)
      graph.layers[i].isRecorded = calls.contains { $0["args"] != nil || $0["kwargs"] != nil }
    }
    graph.inputs = arguments.boundary(config["input_layers"] ?? .null)
    graph.outputs = arguments.boundary(config["output_layers"] ?? .null)
    if age < .three { CallNumbers.settle(&graph) } else { CallNumbers.settleOutputs(&graph) }
  }
}

/// Keras 1 and 2 count the making of a nested model as its first call, so that its first use outside
/// has the number 1 (keras-files.md, section 5): brings such numbers down to 0.
private enum CallNumbers {
  static func settle(_ graph: inout LayerGraph) {
    var lowest: [Name: Int] = [:]
    let all =
      graph.layers.flatMap { $0.calls.flatMap(\.tensors) } + graph.inputs.tensors
      + graph.outputs.tensors
    for reference in all {
      lowest[reference.layer] = min(lowest[reference.layer] ?? .max, reference.call)
    }
    var shifts: [Name: Int] = [:]
    for layer in graph.layers {
      guard case .model = layer.content, let low = lowest[layer.key], low > 0 else { continue }
      shifts[layer.key] = low
    }
    guard !shifts.isEmpty else { return }
    for i in graph.layers.indices {
      for j in graph.layers[i].calls.indices {
        let call = graph.layers[i].calls[j]
        graph.layers[i].calls[j] = LayerGraph.Call(
          call.arguments.map { shifted($0, shifts) },
          keywords: call.keywords.map { ($0.name, shifted($0.value, shifts)) })
      }
    }
    graph.inputs = shifted(graph.inputs, shifts)
    graph.outputs = shifted(graph.outputs, shifts)
  }

  /// Keras 3 counts so in the list of a model's outputs alone (`functional.py`, `get_config`), and
  /// for functional models alone. A number of 0 there is Python's last call.
  static func settleOutputs(_ graph: inout LayerGraph) {
    var calls: [Name: Int] = [:]
    for layer in graph.layers {
      guard case .model(let inner) = layer.content, !inner.isSequential else { continue }
      calls[layer.key] = layer.calls.count
    }
    guard !calls.isEmpty else { return }
    graph.outputs = renumbered(graph.outputs) { reference in
      guard let count = calls[reference.layer] else { return reference.call }
      return reference.call > 0 ? reference.call - 1 : max(0, count - 1)
    }
  }

  private static func shifted(_ argument: LayerGraph.Argument, _ shifts: [Name: Int])
    -> LayerGraph.Argument
  {
    renumbered(argument) { $0.call - (shifts[$0.layer] ?? 0) }
  }

  private static func renumbered(
    _ argument: LayerGraph.Argument, _ call: (LayerGraph.TensorReference) -> Int
  ) -> LayerGraph.Argument {
    switch argument {
    case .tensor(var reference):
      reference.call = call(reference)
      return .tensor(reference)
    case .list(let members): return .list(members.map { renumbered($0, call) })
    case .dictionary(let members):
      return .dictionary(members.map { ($0.key, renumbered($0.value, call)) })
    case .constant: return argument
    }
  }
}
