import Keras

/// What a training pass does: the network's calls in order, which gradients flow between them, and
/// where all rows of a batch have to be through before any can go on.
struct TrainingPlan {
  /// One call, on both ways.
  struct Step {
    var node: Plan.Node
    /// The layer, where gradients go through it.
    var trainable: (any Trainable)?
    /// Whether the way back goes through it.
    var goesBack = false
    /// An activation in the layer's own epilogue: its gradient is taken from the output, before the
    /// layer's.
    var epilogue: Activation?
    /// What becomes of the gradient of each input.
    var targets: [Target] = []
    /// Outputs whose gradients nobody has written by then, so that they are zero.
    var unreached: [Int] = []
    var kept = 0
    var batched: (any Batched)?
    var deferred: [DeferredProduct] = []
    /// Which part between two stops it belongs to.
    var part = 0
  }

  /// What becomes of the gradient of an input.
  enum Target: Equatable {
    case unwanted
    /// It is the first to arrive there.
    case write
    case add
  }

  var steps: [Step] = []
  var values: [Plan.Value]
  var storages: [Plan.Storage]
  let inputs: [Int]
  let outputs: [Int]
  /// Whether layers do as in training, or as in prediction.
  let trains: Bool
  /// By storage, whether there is a gradient beside it.
  private(set) var hasGradient: [Bool]
  /// How many parts there are: one more than calls that stop all rows.
  private(set) var parts = 1
  /// By output of the model: whether its loss writes the gradient of what the last activation is
  /// given, instead of that of the output.
  private(set) var lossTakesLogits: [Bool]
  /// Layers that were made for training alone.
  private(set) var made: [any Layer] = []
  private let corners: Corners

  /// What is done to a network beside differentiating it.
  struct Corners {
    /// Holds where the corners of activations and maxima are.
    var gates: FrozenGates? = nil
    /// What logits are divided by before the loss is taken.
    var temperature = 1.0
  }

  /// - Parameters:
  ///   - judged: which outputs have a loss, and whether it is one that has a formula for what a
  ///     softmax or sigmoid is given.
  ///   - trains: whether layers do as in training, or as in prediction.
  ///   - isTrained: which variables are.
  ///
  /// Throws where a gradient would have to pass a layer that coppice does not train through.
  init(
    _ plan: Plan, judged: [(hasLoss: Bool, logits: Activation.Kind?)],
    wantsInputGradients: Bool = false, trains: Bool = true, corners: Corners = Corners(),
    isTrained: (Parameter) -> Bool, path: String
  ) throws(NetworkError) {
    self.trains = trains
    self.corners = corners
    values = plan.values
    storages = plan.storages
    inputs = plan.inputs
    outputs = plan.outputs
    hasGradient = []
    lossTakesLogits = [Bool](repeating: false, count: plan.outputs.count)
    for node in plan.nodes { split(node) }
    let trained = steps.map { $0.node.layer.parameters.contains(where: isTrained) }
    let wanted = wantedStorages(trained, wantsInputGradients)
    findLogits(judged)
    try routeBack(judged.map(\.hasLoss), trained, wanted, isTrained, path)
    shareInPlace()
    var part = 0
    for i in steps.indices {
      if steps[i].batched != nil { part += 1 }
      steps[i].part = part
    }
    parts = part + 1
  }

  // MARK: Forward

  /// Takes the activation of a layer of products out of it where its gradient cannot be told from
  /// the output.
  private mutating func split(_ node: Plan.Node) {
    var step = Step(node: node)
    step.trainable = node.layer as? any Trainable
    if let product = node.layer as? any ProductLayer {
      let activation = product.following.activation
      if activation.isToldFromOutput && !isApart(activation, node) {
        step.epilogue = activation == .linear ? nil : activation
      } else if let bare = BareProduct(product) {
        made.append(bare)
        step.node.layer = bare
        step.trainable = bare
        let output = node.outputPlaces[0]
        var signal = node.outputs[0]
        let width = product.following.channels
        signal.shape = Array(signal.shape.dropLast()) + [width]
        let rows = node.rowsPerSample
        let place = values.count
        storages.append(Plan.Storage(kind: .arena, floats: rows * signal.count))
        values.append(
          Plan.Value(
            shape: signal.shape, rowsPerSample: rows, storage: storages.count - 1,
            mask: values[output].mask))
        step.node.outputs = [signal]
        step.node.outputPlaces = [place]
        append(step)
        let layer = ActivationLayer(activation)
        made.append(layer)
        var call = Invocation(inputs: [signal], arguments: [.value(0)])
        call.number = node.call.number
        var after = Step(
          node: Plan.Node(
            layer: layer, name: node.name, className: node.className, call: call,
            outputs: node.outputs, inputPlaces: [place], outputPlaces: node.outputPlaces,
            rowsPerSample: rows))
        after.trainable = layer
        append(after)
        return
      }
    }
    append(step)
  }

  /// Whether the activation has to be a call of its own all the same.
  private func isApart(_ activation: Activation, _ node: Plan.Node) -> Bool {
    if corners.gates != nil, PiecewiseLinear(activation.kind) != nil { return true }
    return corners.temperature != 1 && activation != .linear
      && outputs.contains { storage($0) == node.outputPlaces.first.map(storage) }
  }

  private mutating func append(_ step: Step) {
    var step = step
    if let gate = corners.gates?.gate(for: step.node) {
      made.append(gate)
      step.node.layer = gate
      step.trainable = gate
    }
    step.kept = step.trainable?.kept(step.node.call) ?? 0
    if trains, let batched = step.trainable as? any Batched, batched.isBatched {
      step.batched = batched
    }
    steps.append(step)
  }

  private func storage(_ value: Int) -> Int { values[value].storage }

  /// By storage, whether something that is trained comes before it.
  private func wantedStorages(_ trained: [Bool], _ wantsInputs: Bool) -> [Bool] {
    var wanted = [Bool](repeating: false, count: storages.count)
    if wantsInputs { for value in inputs { wanted[storage(value)] = true } }
    for (i, step) in steps.enumerated() {
      let reaches = step.node.inputPlaces.contains { wanted[storage($0)] }
      if trained[i] || reaches {
        for value in step.node.outputPlaces { wanted[storage(value)] = true }
      }
    }
    return wanted
  }

  // MARK: Back

  /// Finds the outputs that come out of an activation whose loss has one formula with it.
  private mutating func findLogits(_ judged: [(hasLoss: Bool, logits: Activation.Kind?)]) {
    for (k, output) in outputs.enumerated() where judged[k].hasLoss {
      guard let kind = judged[k].logits else { continue }
      let place = storage(output)
      let writers = steps.indices.filter {
        steps[$0].node.outputPlaces.contains { storage($0) == place }
      }
      let isRead = steps.contains { $0.node.inputPlaces.contains { storage($0) == place } }
      let isShared = outputs.indices.contains { $0 != k && storage(outputs[$0]) == place }
      guard writers.count == 1, !isRead, !isShared, let writer = writers.first else { continue }
      let step = steps[writer]
      func rest(_ layer: any Layer, _ activation: Activation) {
        let layer = LossActivation(layer, activation, temperature: corners.temperature)
        steps[writer].node.layer = layer
        steps[writer].trainable = layer
        lossTakesLogits[k] = true
      }
      if step.epilogue?.kind == kind, corners.temperature == 1 {
        steps[writer].epilogue = nil
        lossTakesLogits[k] = true
      } else if let layer = step.node.layer as? ActivationLayer, layer.activation.kind == kind,
        step.node.inputPlaces.count == 1
      {
        rest(layer, layer.activation)
      } else if let layer = step.node.layer as? SoftmaxLayer, kind == .softmax, layer.isPlain,
        step.node.inputPlaces.count == 1
      {
        rest(layer, Activation(.softmax))
      }
    }
  }

  private mutating func routeBack(
    _ hasLoss: [Bool], _ trained: [Bool], _ wanted: [Bool], _ isTrained: (Parameter) -> Bool,
    _ path: String
  ) throws(NetworkError) {
    hasGradient = [Bool](repeating: false, count: storages.count)
    for (k, output) in outputs.enumerated() where hasLoss[k] && wanted[storage(output)] {
      hasGradient[storage(output)] = true
    }
    for i in steps.indices.reversed() {
      let node = steps[i].node
      steps[i].targets = node.inputPlaces.map { _ in .unwanted }
      let reached = node.outputPlaces.map { hasGradient[storage($0)] }
      let feeds = node.inputPlaces.contains { wanted[storage($0)] }
      let penalizes = trains && steps[i].trainable?.penalizes ?? false
      guard reached.contains(true) || penalizes, feeds || trained[i] else {
        steps[i].batched = steps[i].batched
        continue
      }
      guard let trainable = steps[i].trainable,
        !trains || (trainable as? SpectralDivision)?.canOpen ?? true
      else {
        throw .untrainable(
          path: path, layer: node.name.printable(),
          className: node.className.printable(limit: 40))
      }
      steps[i].goesBack = true
      for (k, isReached) in reached.enumerated() where !isReached {
        steps[i].unreached.append(k)
        hasGradient[storage(node.outputPlaces[k])] = true
      }
      for (k, value) in node.inputPlaces.enumerated() where wanted[storage(value)] {
        steps[i].targets[k] = hasGradient[storage(value)] ? .add : .write
        hasGradient[storage(value)] = true
      }
      steps[i].deferred = trainable.deferredProducts(node.call).filter { isTrained($0.kernel) }
    }
  }

  // MARK: Memory

  /// Lets outputs lie where inputs do, for the calls whose way back needs no more than is left then.
  private mutating func shareInPlace() {
    for i in steps.indices {
      let step = steps[i]
      guard let layer = step.trainable, layer.trainsInPlace, step.batched == nil,
        let from = step.node.inputPlaces.first.map(storage),
        let to = step.node.outputPlaces.first.map(storage), from != to,
        storages[from].kind == .arena, storages[from].floats == storages[to].floats,
        !layer.backwardReads.contains(.inputs), step.targets.first != .add,
        hasGradient[from] == hasGradient[to],
        !outputs.contains(where: { storage($0) == from })
      else { continue }
      let readers = steps.indices.filter { k in
        steps[k].node.inputPlaces.contains { storage($0) == from }
          || steps[k].node.inputPlaces.contains { values[$0].mask?.storage == from }
      }
      guard readers == [i],
        step.node.inputPlaces.count(where: { storage($0) == from }) == 1,
        let writer = steps.indices.last(where: { k in
          k < i && steps[k].node.outputPlaces.contains { storage($0) == from }
        })
      else { continue }
      let before = steps[writer]
      let isNeeded =
        before.goesBack
        && (before.epilogue != nil
          || before.trainable?.backwardReads.contains(.outputs) ?? true)
      guard !isNeeded else { continue }
      for value in values.indices where values[value].storage == to {
        values[value].storage = from
      }
    }
  }
}
