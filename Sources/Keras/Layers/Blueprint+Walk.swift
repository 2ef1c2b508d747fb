import Documents
import JSON

extension Blueprint {
  /// Goes through models, wrappers and layers, and collects their variables.
  struct Walk {
    struct Place {
      var groups: [String]
      /// Names of the models around.
      var layers: [String]
      var isTrainable: Bool
    }
    struct Planned {
      var entries: [Entry] = []
      var shapes: [LayerGraph.TensorReference: PartialShape] = [:]
      var outputs: [PartialShape] = []
    }

    let age: KerasAge
    var problems: [ModelProblem] = []
    var notes: [String] = []
    private var unknown: Set<String> = []

    init(age: KerasAge) { self.age = age }

    /// `outer` are the shapes that the model is called with, for a model that does not say itself.
    mutating func plan(_ graph: LayerGraph, outer: [PartialShape], _ place: Place) -> Planned {
      var planned = Planned()
      var names = GroupNames()
      let groups = graph.layers.map { layer -> String? in
        // A Sequential leaves its InputLayer out of the list that is saved.
        graph.isSequential && layer.className == "InputLayer" ? nil : names.next(layer.className)
      }
      var entries = [Entry?](repeating: nil, count: graph.layers.count)
      // Layers mostly come after what they take, but calls of a shared layer may come from later
      // ones: go round until nothing new is known, then take the rest with unknown inputs.
      var rounds = 0
      var isNew = true
      while isNew || entries.contains(where: { $0 == nil }) {
        let takesAll = !isNew || rounds > 50
        isNew = false
        rounds += 1
        for (i, layer) in graph.layers.enumerated() where entries[i] == nil {
          let known = (layer.calls.first?.shaping ?? []).map { planned.shapes[$0] }
          guard takesAll || !known.contains(where: { $0 == nil }) else { continue }
          var inputs = known.map { $0 ?? .unknown }
          if inputs.isEmpty, i == 0, let own = outer.first { inputs = [own] }
          var inner = place
          inner.groups += groups[i].map { ["layers", $0] } ?? []
          inner.isTrainable = place.isTrainable && layer.isTrainable && graph.isTrainable
          var leaves: [Leaf] = []
          let outputs = visit(layer, inputs, inner, listed: nil, inside: nil, &leaves)
          entries[i] = Entry(
            name: layer.key, isNamed: layer.isNamed, className: layer.className, leaves: leaves,
            isTrainable: inner.isTrainable)
          for (k, output) in outputs.enumerated() {
            planned.shapes[.init(layer: layer.key, call: 0, output: k)] = output
          }
          isNew = true
        }
        guard rounds < 50 else { continue }
        for layer in graph.layers { isNew = settleLaterCalls(layer, &planned) || isNew }
      }
      planned.entries = entries.compactMap(\.self)
      planned.outputs = graph.outputs.tensors.map { planned.shapes[$0] ?? .unknown }
      return planned
    }

    /// Later calls of a shared layer: only the shape matters.
    private func settleLaterCalls(_ layer: LayerGraph.Layer, _ planned: inout Planned) -> Bool {
      var isNew = false
      for (k, call) in layer.calls.enumerated().dropFirst() {
        let reference = LayerGraph.TensorReference(layer: layer.key, call: k, output: 0)
        guard planned.shapes[reference] == nil else { continue }
        if case .plain = layer.content, let kind = LayerCatalogue[layer.className] {
          let known = call.shaping.map { planned.shapes[$0] }
          if known.contains(nil) { continue }
          planned.shapes[reference] = kind.output(reading(layer, known.compactMap(\.self)))
        } else {
          guard let first = planned.shapes[.init(layer: layer.key, call: 0, output: 0)] else {
            continue
          }
          planned.shapes[reference] = first
        }
        isNew = true
      }
      return isNew
    }

    private func reading(_ layer: LayerGraph.Layer, _ inputs: [PartialShape]) -> LayerReading {
      LayerReading(className: layer.className, config: layer.config, inputs: inputs, age: age)
    }

    /// Adds the variables of `layer` to `leaves` and returns the shapes of its outputs.
    private mutating func visit(
      _ layer: LayerGraph.Layer, _ inputs: [PartialShape], _ place: Place,
      listed: (name: String, className: String)?, inside: String?, _ leaves: inout [Leaf]
    ) -> [PartialShape] {
      var inputs = inputs
      if inputs.isEmpty,
        let own = layer.config["batch_input_shape"].flatMap(LayerReading.list)
          ?? layer.config["batch_shape"].flatMap(LayerReading.list)
      {
        // The first layer of a Sequential without an InputLayer says what it takes.
        inputs = [PartialShape(own.map(LayerReading.size))]
      }
      check(layer)
      switch layer.content {
      case .model(let graph):
        var inner = place
        inner.layers.append(layer.name)
        inner.isTrainable = place.isTrainable && graph.isTrainable
        let planned = plan(graph, outer: inputs, inner)
        leaves += planned.entries.flatMap(\.leaves)
        return planned.outputs
      case .wrapper(let held):
        let named = listed ?? (layer.name, layer.className)
        add(layer, inputs, place, named, inside, &leaves)
        return wrapped(layer, held, inputs, place, named, inside, &leaves)
      case .plain:
        let named = listed ?? (layer.name, layer.className)
        return [add(layer, inputs, place, named, inside, &leaves)]
      }
    }

    /// Adds the layer's own variables; returns the shape of its first output.
    @discardableResult
    private mutating func add(
      _ layer: LayerGraph.Layer, _ inputs: [PartialShape], _ place: Place,
      _ named: (name: String, className: String), _ inside: String?, _ leaves: inout [Leaf]
    ) -> PartialShape {
      let kind = LayerCatalogue[layer.className]
      let reading = reading(layer, inputs)
      var slots = kind?.slots(reading)
      if layer.isOperation {
        slots = []
      } else if layer.keepsOtherVariables {
        slots = nil
      } else if kind == nil, case .plain = layer.content {
        if unknown.insert(layer.className).inserted {
          notes.append(
            "layer '\(layer.name.printable())' is of unknown class \(layer.className.printable()): "
              + "its tensors can be listed and pruned, the network cannot be run")
        }
      }
      leaves.append(
        Leaf(
          groups: place.groups, layer: (place.layers + [named.name]).joined(separator: "/"),
          layerClass: named.className, inside: inside, className: layer.className, slots: slots,
          isTrainable: place.isTrainable,
          identity: Identity(
            name: layer.key, className: layer.className,
            config: JSON.Value.object(layer.config).withoutSharedIDs),
          allowsMore: layer.hasOptionalVariables))
      return kind?.output(reading) ?? .unknown
    }

    private mutating func wrapped(
      _ layer: LayerGraph.Layer, _ held: [LayerGraph.Held], _ inputs: [PartialShape],
      _ place: Place,
      _ named: (name: String, className: String), _ inside: String?, _ leaves: inout [Leaf]
    ) -> [PartialShape] {
      let input = inputs.first ?? .unknown
      var given = inputs
      if layer.className == "TimeDistributed" {
        // The inner layer sees one step: the shape without its second dimension.
        given = [
          PartialShape(input.dimensions.map { Array($0.prefix(1)) + Array($0.dropFirst(2)) })
        ]
      } else if layer.className == "RNN" || layer.className == "StackedRNNCells" {
        given = [PartialShape([input.dimensions?.first ?? nil, input.last])]
      }
      var outputs: [PartialShape] = []
      for part in held {
        var names = GroupNames()
        for (i, inner) in part.layers.enumerated() {
          var below = place
          below.groups.append(part.attribute)
          // A list's members are named by class; the cells of an RNN hang one level lower.
          if part.isList {
            if layer.className == "RNN" { below.groups[below.groups.count - 1] = "cell" }
            if layer.className == "RNN" { below.groups.append(part.attribute) }
            below.groups.append(names.next(inner.className))
          }
          below.isTrainable = place.isTrainable && inner.isTrainable
          let segment = Self.segment(part, i)
          outputs = visit(
            inner, given, below, listed: named,
            inside: [inside, segment].compactMap(\.self).isEmpty
              ? nil : [inside, segment].compactMap(\.self).joined(separator: "/"), &leaves)
          if part.isList { given = outputs }
        }
      }
      return [Self.output(of: layer, inner: outputs.first ?? .unknown, input)]
    }

    /// What tells the held layers apart in names; nothing where there is only one.
    private static func segment(_ part: LayerGraph.Held, _ index: Int) -> String? {
      if part.isList { return "cell_\(index)" }
      switch part.attribute {
      case "forward_layer": return "forward"
      case "backward_layer": return "backward"
      default: return nil
      }
    }

    private static func output(
      of layer: LayerGraph.Layer, inner: PartialShape, _ input: PartialShape
    ) -> PartialShape {
      switch layer.className {
      case "Bidirectional":
        guard let mode = layer.config["merge_mode"]?.stringValue else { return .unknown }
        guard mode == "concat" else { return inner }
        return inner.with(last: inner.last.flatMap { PartialShape.product([$0, 2]) })
      case "TimeDistributed":
        guard let dimensions = inner.dimensions, !dimensions.isEmpty else { return .unknown }
        return PartialShape([dimensions[0], input.dimension(1)] + dimensions.dropFirst())
      case "RNN":
        let isSequence = layer.config["return_sequences"]?.boolValue ?? false
        if layer.config["return_state"]?.boolValue ?? false { return .unknown }
        let batch = input.dimensions?.first ?? nil
        return PartialShape(
          isSequence ? [batch, input.dimension(1), inner.last] : [batch, inner.last])
      case "SpectralNormalization", "StackedRNNCells": return inner
      default: return .unknown
      }
    }

    /// Settings that no layer can have.
    private mutating func check(_ layer: LayerGraph.Layer) {
      let who = "layer '\(layer.name.printable())'"
      if layer.name == "." || layer.name == ".." || layer.name.isEmpty {
        problems.append(ModelProblem(.badConfiguration, at: who, "a layer cannot have this name"))
      }
      for key in LayerCatalogue[layer.className]?.counts ?? [] {
        guard let value = layer.config[key], !value.isNull else { continue }
        for number in LayerReading.list(value) ?? [value] where !number.isNull {
          guard let count = number.integerValue, count > 0, count <= Int32.max else {
            problems.append(
              ModelProblem(
                .badConfiguration, at: who,
                "\(key) is \(number.text(nonFinite: .python).printable(limit: 40)), not a whole number in the range from 1"
              ))
            break
          }
        }
      }
      if layer.className == "Lambda" {
        notes.append(
          "\(who) is a Lambda: its Python code is never run, so the network cannot be run")
      }
      for key in ["activation", "recurrent_activation", "inner_activation"] {
        guard let name = layer.config[key]?.stringValue, !Activations.known.contains(name) else {
          continue
        }
        notes.append(
          "\(who) has the unknown activation '\(name.printable())': the network cannot be run")
      }
    }
  }
}

extension LayerGraph.Layer {
  /// Whether a quantisation or low-rank adaptation makes it other variables than its class has, in
  /// an order that depends on the version.
  fileprivate var keepsOtherVariables: Bool {
    let policy = config["dtype"]
    let name = policy?.stringValue ?? policy?["config"]?["name"]?.stringValue ?? ""
    let mode = policy?["config"]?["mode"]?.stringValue ?? ""
    return ["int8", "int4", "float8", "gptq", "awq"].contains {
      name.hasPrefix($0) || mode.hasPrefix($0)
    }
      || config["quantization_config"].map { !$0.isNull } ?? false
      || config["lora_rank"].map { !$0.isNull } ?? false
  }

  /// Whether versions of Keras disagree on how many variables the class has.
  fileprivate var hasOptionalVariables: Bool {
    className == "Normalization" || (className == "BatchNormalization" && config["renorm"] == true)
  }
}

/// The activations that Keras knows by name.
enum Activations {
  static let known: Set<String> = [
    "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "glu", "silu", "swish",
    "mish",
    "softmax", "softplus", "softsign", "sigmoid", "hard_sigmoid", "hard_silu", "hard_swish",
    "hard_tanh",
    "tanh", "tanh_shrink", "exponential", "log_sigmoid", "log_softmax", "soft_shrink",
    "hard_shrink",
    "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "threshold", "crelu", "rational",
  ]
}
