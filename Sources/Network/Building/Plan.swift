/// A network for inputs of fixed shapes: which layer runs when, on what, and what every value is.
struct Plan {
  /// One value that flows: `[rowsPerSample × samples][shape…]`.
  struct Value {
    var shape: [Int]
    var rowsPerSample: Int
    var storage: Int
    var mask: Mask?
    /// Of a value that is a shape.
    var sizes: Signal.Sizes? = nil

    struct Mask {
      var shape: [Int]
      var storage: Int
    }

    /// Floats a sample.
    var floats: Int { rowsPerSample * shape.reduce(1, *) }
  }

  /// Where values lie. Views of one another share one.
  struct Storage {
    enum Kind: Equatable {
      /// In the memory of the thread that runs.
      case arena
      /// Where the caller has the model's input of this index.
      case input(Int)
    }
    var kind: Kind
    /// Floats a sample.
    var floats: Int
  }

  struct Node {
    var layer: any Layer
    /// The layer's name in its model, nested ones as `outer/inner`.
    var name: String
    var className: String
    var call: Invocation
    var outputs: [Signal]
    var inputPlaces: [Int]
    var outputPlaces: [Int]
    var rowsPerSample: Int
  }

  var nodes: [Node] = []
  var values: [Value] = []
  var storages: [Storage] = []
  /// The model's inputs and outputs among `values`, in the order of the configuration.
  var inputs: [Int] = []
  var outputs: [Int] = []
  private var calls = 0

  /// Adds a value in a storage of its own.
  mutating func add(_ shape: [Int], rowsPerSample: Int, kind: Storage.Kind = .arena) -> Int {
    let value = Value(
      shape: shape, rowsPerSample: rowsPerSample, storage: storages.count, mask: nil)
    storages.append(Storage(kind: kind, floats: value.floats))
    values.append(value)
    return values.count - 1
  }

  /// Adds another shape for the same bytes; the mask has to be set by whoever knows its shape.
  mutating func addView(of value: Int, shape: [Int], rowsPerSample: Int) -> Int {
    let view = Value(
      shape: shape, rowsPerSample: rowsPerSample, storage: values[value].storage, mask: nil)
    precondition(view.floats == values[value].floats, "a view has as many elements")
    values.append(view)
    return values.count - 1
  }

  /// Adds a call of `layer`, and returns its outputs.
  mutating func add(
    _ layer: any Layer, name: String, className: String, _ call: Invocation, inputs: [Int],
    rowsPerSample: Int
  ) throws(LayerFault) -> [Int] {
    var call = call
    call.inputs = inputs.map { Signal(values[$0].shape, sizes: values[$0].sizes) }
    call.masks = inputs.map { values[$0].mask?.shape }
    call.number = calls
    calls += 1
    let signals = try layer.infer(call)
    for signal in signals {
      guard signal.shape.allSatisfy({ $0 >= 0 }),
        Plan.floats(of: signal.shape, rowsPerSample) != nil
      else { throw .bad("the output \(signal.text) is too large to compute") }
    }
    var places: [Int] = []
    for (i, signal) in signals.enumerated() {
      let isView = i == 0 && layer.isView && !inputs.isEmpty
      let place =
        isView
        ? addView(of: inputs[0], shape: signal.shape, rowsPerSample: rowsPerSample)
        : add(signal.shape, rowsPerSample: rowsPerSample)
      values[place].sizes = signal.sizes
      switch signal.mask {
      case .none: break
      case .same(let input): values[place].mask = values[inputs[input]].mask
      case .made(let shape):
        let mask = add(shape, rowsPerSample: rowsPerSample)
        values[place].mask = Value.Mask(shape: shape, storage: values[mask].storage)
      }
      places.append(place)
    }
    if !layer.isView || signals.count > 1 {
      nodes.append(
        Node(
          layer: layer, name: name, className: className, call: call, outputs: signals,
          inputPlaces: inputs, outputPlaces: places, rowsPerSample: rowsPerSample))
    }
    return places
  }

  /// The same for prediction: what does something in training alone is left out.
  func predicting() -> Plan {
    var plan = self
    for node in nodes where node.layer.passes {
      guard let input = node.inputPlaces.first, let output = node.outputPlaces.first else {
        continue
      }
      let (from, to) = (plan.values[input].storage, plan.values[output].storage)
      for value in plan.values.indices where plan.values[value].storage == to {
        plan.values[value].storage = from
      }
    }
    plan.nodes.removeAll { $0.layer.passes }
    return plan
  }

  /// Floats a sample of a value; nil where no machine has the memory.
  static func floats(of shape: [Int], _ rowsPerSample: Int) -> Int? {
    var product = rowsPerSample
    for size in shape {
      let (next, overflows) = product.multipliedReportingOverflow(by: size)
      if overflows || next > largest { return nil }
      product = next
    }
    return product
  }

  /// 2³² floats a sample, 16 GiB.
  static let largest = 1 << 32
}
