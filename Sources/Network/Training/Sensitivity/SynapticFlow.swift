import Keras

/// How much of what goes into a network of magnitudes passes each weight on its way to the outputs:
/// kernels and gammas by their absolute values, biases and means 0, activations left out, ones at the
/// inputs (Tanaka, Kunin, Yamins, Ganguli 2020, arXiv 2006.05467).
///
/// Biases have no part, so that the flow through every layer is the same.
public final class SynapticFlow {
  public let network: Network
  public let tensors: [Int]
  private let pass: TrainingPass
  private let potentials: FlowPotentials
  private let outputs: [Int]
  private let widths: [Int]

  /// Throws `NetworkError.noFlow` where a layer is none of those that flow goes through: products,
  /// batch normalisation, activations, pooling, and what moves numbers or adds them up.
  public init(_ network: Network, tensors: [Int]) throws(NetworkError) {
    self.network = network
    self.tensors = tensors
    let wanted = Set(tensors)
    var plan = network.unfused
    for i in plan.nodes.indices {
      guard let layer = Self.linear(plan.nodes[i]) else {
        throw .noFlow(
          path: network.path, layer: plan.nodes[i].name.printable(),
          className: plan.nodes[i].className.printable(limit: 40))
      }
      plan.nodes[i].layer = layer
    }
    let potentials = FlowPotentials(plan, passes: plan.nodes.map { Self.multiplies($0.layer) })
    for i in plan.nodes.indices where Self.multiplies(plan.nodes[i].layer) {
      guard let layer = plan.nodes[i].layer as? any Trainable,
        let from = plan.nodes[i].inputPlaces.first, let to = plan.nodes[i].outputPlaces.first
      else { continue }
      plan.nodes[i].layer = FlowScaled(
        layer, potentials, from: plan.values[from].storage, to: plan.values[to].storage)
    }
    self.potentials = potentials
    let made = try TrainingPlan(
      plan, judged: plan.outputs.map { _ in (true, nil) }, trains: false,
      isTrained: { wanted.contains($0.tensor) }, path: network.path)
    pass = TrainingPass(
      made, parameters: network.parameters, isTrained: { wanted.contains($0.tensor) }, batch: 1)
    outputs = plan.outputs.map { made.values[$0].floats }
    widths = plan.inputs.map { made.values[$0].floats }
  }

  /// Whether it multiplies what it is given by numbers of its own, so that values grow and shrink.
  private static func multiplies(_ layer: any Layer) -> Bool {
    layer is any ProductLayer & Trainable || layer is BareProduct || layer is BatchNormalization
  }

  /// The layer without what is not linear in it; nil where that is not known.
  private static func linear(_ node: Plan.Node) -> (any Layer)? {
    if let product = node.layer as? any ProductLayer {
      guard product.following.width == product.following.channels else { return nil }
      return product.following.activation == .linear ? product : BareProduct(product)
    }
    switch node.layer {
    case is ActivationLayer, is SoftmaxLayer, is PReLU, is Dropout, is Rescaling, is Normalization:
      guard let input = node.call.inputs.first, node.outputs.count == 1,
        input.count == node.outputs[0].count
      else { return nil }
      return Straight(node.layer)
    case is BatchNormalization, is Pooling, is GlobalPooling, is Flatten, is Reshape, is Permute,
      is RepeatVector, is Passing, is ActivityPenalty, is Concatenate, is ZeroPadding, is Cropping,
      is UpSampling:
      return node.layer
    // As in prediction, images pass.
    case is any ImageVariation: return node.layer
    case is Merging where ["Add", "Average"].contains(node.className): return node.layer
    default: return nil
    }
  }

  /// Powers of two that inputs and the way back begin with, until nothing overflows or vanishes where
  /// values that are added up are too far apart for `FlowPotentials`.
  private static let scales: [Int] = [0, -40, -80, -110, 40, 80]

  /// The derivative of the sum of all outputs by each weight's magnitude, one list of numbers a
  /// tensor, times a number that is the same for all; empty where none passes. The variables are
  /// then as they were.
  ///
  /// Throws where float32 does not hold the flow.
  public func flow() throws(NetworkError) -> [[Double]] {
    let before = network.snapshot
    defer { network.restore(before) }
    for parameter in network.parameters {
      switch parameter.role {
      case .bias, .beta, .movingMean:
        parameter.values.update(repeating: 0, count: parameter.count)
      case .movingVariance: break
      default: for i in 0..<parameter.count { parameter.values[i] = abs(parameter.values[i]) }
      }
    }
    pass.prepare()
    for exponent in Self.scales {
      let scale = Float(sign: .plus, exponent: exponent, significand: 1)
      if let flow = try flow(from: scale) { return flow }
    }
    throw .badInput(
      path: network.path,
      what:
        "the flow through the network of magnitudes leaves the range of float32. Use --criterion lamp."
    )
  }

  private func flow(from scale: Float) throws(NetworkError) -> [[Double]]? {
    let inputs = widths.map { width in
      let input = UnsafeMutablePointer<Float>.allocate(capacity: max(1, width))
      input.initialize(repeating: scale, count: max(1, width))
      return input
    }
    defer { for input in inputs { input.deallocate() } }
    potentials.reset()
    let counts = outputs
    let fault = pass.run(
      inputs.map { UnsafePointer($0) }, rows: 1,
      random: { RandomStream(seed: 0, step: 0, call: UInt64($0)) },
      loss: { output, rows, _, _, gradient in
        gradient.update(repeating: scale, count: rows.count * counts[output])
      })
    if let fault { throw pass.error(fault, path: network.path) }
    var isFlowing = false
    var flow: [[Double]] = []
    for tensor in tensors {
      guard let parameter = network.parameters.first(where: { $0.tensor == tensor }),
        let gradient = pass.gradients[parameter.place]
      else {
        flow.append([])
        continue
      }
      var numbers: [Double] = []
      numbers.reserveCapacity(parameter.count)
      for i in 0..<parameter.count {
        guard gradient[i].isFinite else { return nil }
        if gradient[i] * parameter.values[i] > 0 { isFlowing = true }
        numbers.append(Double(gradient[i]))
      }
      flow.append(numbers)
    }
    return isFlowing ? flow : nil
  }
}

/// What a layer would do to its input, left out.
private final class Straight: Trainable {
  static let classNames: [String] = []

  private let inner: any Layer

  init(_ inner: any Layer) { self.inner = inner }

  /// No configuration has one.
  init(_ definition: Definition) throws(LayerFault) {
    throw .unsupported("a layer that is left out in a configuration")
  }

  var parameters: [Parameter] { inner.parameters }
  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] { try inner.infer(call) }
  func forward(_ frame: Frame) { frame.passInput() }
  var backwardReads: BackwardReads { [] }
  func backward(_ frame: TrainingFrame) {
    guard let dx = frame.inputGradient(), dx != frame.outputGradient() else { return }
    dx.update(from: frame.outputGradient(), count: frame.rows * frame.call.inputs[0].count)
  }
}
