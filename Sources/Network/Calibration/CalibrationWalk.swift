import Keras
import Tensors

/// A walk through a changed model, layer after layer, on the calibration samples: every kernel can be
/// fitted to what it is given by the layers before it as they are then, and every normalisation takes
/// its statistics from there.
public final class CalibrationWalk {
  /// What a stop's kernel becomes. Nil leaves it alone.
  public struct Change {
    /// In the tensor's order.
    public var kernel: [Float]
    /// What to add to the bias of each output, `[groups][outputs]`; empty for nothing.
    public var shifts: [Double]
    public init(kernel: [Float], shifts: [Double] = []) {
      self.kernel = kernel
      self.shifts = shifts
    }
  }

  /// Samples that the walk goes over: fewer than the calibration has, where there is no memory for
  /// more.
  public let count: Int

  private let calibration: Calibration
  private let network: Network
  private let walk: SampleWalk
  private let denseWalk: SampleWalk?
  /// Nodes by layer, and the last node of each.
  private let lastNodes: [ObjectIdentifier: Int]
  private var changed: Set<Int> = []
  /// By normalisation: what its calls so far were given.
  private var moments: [ObjectIdentifier: ChannelMoments] = [:]

  /// Bytes that the walk takes at most, whatever the number of samples asked for.
  public static let memory = 2 << 30
  private static let chunk = 32

  /// A walk through the model with other values for some of its tensors. `seesDense`: whether stops
  /// give the dense network's rows too.
  public init(_ calibration: Calibration, values: [Int: TensorValues], seesDense: Bool) throws {
    self.calibration = calibration
    network = try Network(
      calibration.model, path: calibration.path, shapes: calibration.shapes, fusing: false)
    for (tensor, values) in values { try network.setValues(ofTensor: tensor, to: values) }
    network.refresh()
    let bytes = max(1, SampleWalk.floats(perSampleOf: network) * (seesDense ? 2 : 1) * 4)
    let count = max(1, min(calibration.count, Self.memory / bytes))
    // As many pieces as there are threads and held-back eighths for, even of few samples.
    let chunk = max(1, min(Self.chunk, count / 16))
    self.count = count
    let network = network
    (walk, denseWalk) = calibration.withSamples { samples in
      (
        SampleWalk(network, samples: samples, count: count, chunk: chunk),
        seesDense
          ? SampleWalk(calibration.dense, samples: samples, count: count, chunk: chunk) : nil
      )
    }
    var last: [ObjectIdentifier: Int] = [:]
    for (i, node) in network.plan.nodes.enumerated() { last[ObjectIdentifier(node.layer)] = i }
    lastNodes = last
  }

  /// Goes through the network once.
  ///
  /// - Parameters:
  ///   - recalibrates: whether normalisations take mean and variance from the samples.
  ///   - refit: called at every kernel of a layer that can say what it is multiplied with, in order;
  ///     at each call of a layer that is called several times, a change being taken at the last.
  ///
  /// Throws `NetworkError.badInput` where the model cannot run on a sample, and what `refit` throws.
  public func run(recalibrates: Bool, refit: ((KernelStop) throws -> Change?)? = nil) throws {
    for node in network.plan.nodes.indices {
      let layer = network.plan.nodes[node].layer
      let isLast = lastNodes[ObjectIdentifier(layer)] == node
      var isChanged = false
      if let refit, let layer = layer as? any Calibrated {
        for (index, use) in layer.kernelUses.enumerated() {
          guard let change = try refit(stop(node, index, use, recalibrates)), isLast else {
            continue
          }
          take(change, for: use)
          layer.prepare()
          isChanged = true
        }
      }
      if recalibrates, let layer = layer as? any Recalibrated {
        moments[ObjectIdentifier(layer), default: ChannelMoments(channels: layer.movingMean.count)]
          .add(.of(layer, node, in: walk))
        if isLast {
          recalibrate(layer)
          isChanged = true
        }
      }
      if isChanged, isCalledBefore(node) {
        // What it gave before was by its old variables.
        walk.begin()
        for earlier in 0..<node { try walk.run(node: earlier) }
      }
      try walk.run(node: node)
      try denseWalk?.run(node: node)
    }
  }

  /// How many normalisations took new statistics.
  public private(set) var recalibrated = 0

  /// The values of every tensor that the walk has changed, by its place in the model.
  public var changes: [(tensor: Int, values: [Float])] {
    network.parameters.filter { changed.contains($0.tensor) }.map {
      ($0.tensor, Array(UnsafeBufferPointer(start: $0.values, count: $0.count)))
    }
  }

  private func stop(_ node: Int, _ index: Int, _ use: KernelUse, _ recalibrates: Bool) -> KernelStop
  {
    KernelStop(
      tensor: use.kernel.tensor, layer: network.plan.nodes[node].name, use: index,
      matrices: use.matrices, bias: use.bias?.tensor,
      isNormalised: recalibrates && isNormalised(node),
      isLast: lastNodes[ObjectIdentifier(network.plan.nodes[node].layer)] == node, walk: walk,
      denseWalk: denseWalk, node: node, kernelUse: use)
  }

  private func take(_ change: Change, for use: KernelUse) {
    let matrices = use.matrices
    for group in 0..<matrices.groups {
      for input in 0..<matrices.inputs {
        for output in 0..<matrices.outputs {
          let element = matrices.element(group: group, input: input, output: output)
          use.kernel.values[element] = change.kernel[element]
        }
      }
    }
    changed.insert(use.kernel.tensor)
    if let bias = use.bias, !change.shifts.isEmpty {
      for (place, shift) in zip(use.biasPlaces, change.shifts) {
        bias.values[place] = Float(Double(bias.values[place]) + shift)
      }
      changed.insert(bias.tensor)
    }
  }

  private func recalibrate(_ layer: any Recalibrated) {
    guard let moments = moments[ObjectIdentifier(layer)], moments.count > 0, moments.isFinite
    else { return }
    for i in 0..<layer.movingMean.count {
      layer.movingMean.values[i] = Float(moments.means[i])
      layer.movingVariance.values[i] = Float(moments.variance(i))
    }
    layer.prepare()
    recalibrated += 1
    changed.insert(layer.movingMean.tensor)
    changed.insert(layer.movingVariance.tensor)
  }

  private func isCalledBefore(_ node: Int) -> Bool {
    let layer = network.plan.nodes[node].layer
    return network.plan.nodes[..<node].contains { $0.layer === layer }
  }

  /// Whether all that reads what the node gives takes the mean of every channel away.
  private func isNormalised(_ node: Int) -> Bool {
    let plan = network.plan
    guard let layer = plan.nodes[node].layer as? any ProductLayer,
      layer.following.activation == .linear, plan.nodes[node].outputPlaces.count == 1,
      let output = plan.nodes[node].outputPlaces.first
    else { return false }
    let value = plan.values[output]
    let readers = plan.nodes.filter { reader in
      reader.inputPlaces.contains { plan.values[$0].storage == value.storage }
    }
    // Its channels have to be the layer's: not under another shape, nor on another axis.
    let takeMeans = readers.allSatisfy { reader in
      guard let layer = reader.layer as? any Recalibrated else { return false }
      return reader.call.inputs[0].shape == value.shape
        && layer.channelSplit(of: reader.call).inner == 1
    }
    return !readers.isEmpty && takeMeans
      && !plan.outputs.contains { plan.values[$0].storage == value.storage }
  }
}
