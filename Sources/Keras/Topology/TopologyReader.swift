import Documents

/// Finds out which kernels follow which, by going back from each kernel to those it reads.
struct TopologyReader {
  private let net: ChannelNet
  private let kernels: KernelTable
  private var topology = Topology()
  /// For every sum: which of its inputs are the identity.
  private var identities: [Int: Set<Int>] = [:]

  /// Steps back from one kernel, or from one sum, after which it is left without neighbours.
  private static let patience = 5_000

  init(
    _ graph: LayerGraph, shapes: [LayerGraph.TensorReference: PartialShape], tensors: [ModelTensor]
  ) {
    kernels = KernelTable(tensors)
    net = ChannelNet(graph, shapes: shapes, kernels: kernels)
    addKernels(graph, prefix: [])
    for (place, node) in net.nodes.enumerated() {
      if case .sum = node.operation { identities[place] = identityInputs(of: place) }
    }
  }

  /// Every kernel with its axes, and the two kernels of a separable convolution as neighbours.
  private mutating func addKernels(_ graph: LayerGraph, prefix: [String]) {
    for layer in graph.layers {
      let path = prefix + [layer.name]
      if case .model(let inner) = layer.content {
        addKernels(inner, prefix: path)
      } else if let (first, last, _) = kernels.chain(path, layer) {
        for kernel in Set([first, last]) where topology.kernels[kernel] == nil {
          topology.kernels[kernel] = kernels.channels(kernel, layer)
        }
        if first != last {
          // The pointwise kernel reads all that the depthwise one gives.
          connect(first, last, .init(tensor: first))
        }
      }
    }
  }

  private mutating func connect(_ before: Int, _ after: Int, _ neighbour: Topology.Neighbour) {
    var back = neighbour
    back.tensor = before
    var forth = neighbour
    forth.tensor = after
    if topology.kernels[after]?.before.contains(back) == false {
      topology.kernels[after]?.before.append(back)
    }
    if topology.kernels[before]?.after.contains(forth) == false {
      topology.kernels[before]?.after.append(forth)
    }
  }

  /// The topology of the model.
  func read() -> Topology {
    var copy = self
    for node in net.nodes {
      guard case .kernels(let first, _) = node.operation, let input = node.inputs.first,
        node.inputs.count == 1,
        let channels = topology.kernels[first], let width = kernels.inputWidth(first, channels)
      else { continue }
      copy.connect(first, from: input, width: width)
    }
    return copy.topology
  }

  /// A place on the way back from a kernel.
  private struct Step {
    var node: Int
    var offset = 0
    /// Set behind a flatten.
    var isFlat = false
    var positions = 1
    var stride = 0
    var normalisations: [Topology.Normalisation] = []
    /// Inside the identity branch of a sum: only marks what it finds.
    var isIdentity = false
  }

  private mutating func connect(_ consumer: Int, from input: Int, width: Int) {
    var waiting = [Step(node: input)]
    var found: [(Int, Topology.Neighbour)] = []
    var marked: Set<Int> = []
    var sees = false
    var steps = 0
    while var step = waiting.popLast() {
      steps += 1
      guard steps < Self.patience else { return }
      let node = net.nodes[step.node]
      switch node.operation {
      case .source, .stop: continue
      case .pass:
        step.node = node.inputs[0]
        waiting.append(step)
      case .normalise(let normalisation):
        guard node.width.map({ $0 == kernels.width(of: normalisation) }) ?? true else { continue }
        step.normalisations.append(normalisation)
        step.node = node.inputs[0]
        waiting.append(step)
      case .flatten:
        let before = net.nodes[node.inputs[0]].width
        let flat = node.width ?? (step.offset == 0 ? width : nil)
        guard let before, let flat, before > 0, flat % before == 0 else { continue }
        if !step.isFlat {
          (step.isFlat, step.positions, step.stride) = (true, flat / before, before)
          if step.positions == 1 { step.stride = 0 }
        } else if flat != before {
          continue
        }
        step.node = node.inputs[0]
        waiting.append(step)
      case .concatenate:
        var offset = 0
        for part in node.inputs {
          var inner = step
          inner.node = part
          inner.offset += offset
          for i in inner.normalisations.indices { inner.normalisations[i].offset += offset }
          waiting.append(inner)
          guard let size = net.nodes[part].width, size <= width else { break }
          offset += size
          guard offset <= width else { break }
        }
      case .sum:
        for (i, part) in node.inputs.enumerated() {
          var inner = step
          inner.node = part
          if identities[step.node]?.contains(i) ?? false {
            if step.isIdentity { continue }
            sees = true
            inner.isIdentity = true
          }
          waiting.append(inner)
        }
      case .kernels(_, let last):
        guard !step.isIdentity else {
          marked.insert(last)
          continue
        }
        guard let own = node.width, fits(step, own, width) else { continue }
        found.append(
          (
            last,
            .init(
              tensor: last, offset: step.offset, stride: step.stride, positions: step.positions,
              normalisations: step.normalisations)
          ))
      }
    }
    for (before, neighbour) in found { connect(before, consumer, neighbour) }
    if sees { topology.kernels[consumer]?.hasIdentityBefore = true }
    for kernel in marked { topology.kernels[kernel]?.hasIdentityAfter = true }
  }

  /// Whether `own` channels, placed as `step` says, lie inside of what the kernel reads. Where
  /// channels lie on another axis than the kernel's, they do not.
  private func fits(_ step: Step, _ own: Int, _ width: Int) -> Bool {
    let (span, wraps) = (step.positions - 1).multipliedReportingOverflow(by: step.stride)
    return !wraps && span <= width && own <= width && step.offset + span + own <= width
  }

  /// The inputs of a sum that another of its inputs is computed from: skip connections.
  private func identityInputs(of sum: Int) -> Set<Int> {
    let inputs = net.nodes[sum].inputs
    var chains: [Set<Int>] = []
    for input in inputs {
      // Back through what keeps channels in place, to where the branch begins.
      var chain: Set<Int> = [input]
      var place = input
      while chain.count < Self.patience, let before = net.nodes[place].inputs.first {
        guard case .pass = net.nodes[place].operation else { break }
        place = before
        chain.insert(place)
      }
      chains.append(chain)
    }
    var found: Set<Int> = []
    for (i, chain) in chains.enumerated() {
      for (j, other) in inputs.enumerated() where i != j && other != inputs[i] {
        if isReached(chain, from: other) { found.insert(i) }
      }
    }
    return found.count < inputs.count ? found : []
  }

  /// Whether going back from `start` leads to one of `targets` after at least one kernel.
  private func isReached(_ targets: Set<Int>, from start: Int) -> Bool {
    var waiting = [(start, false)]
    var seen: Set<Int> = []
    while let (place, isPastKernel) = waiting.popLast() {
      if isPastKernel, targets.contains(place) { return true }
      guard seen.insert(place).inserted, seen.count < Self.patience else { continue }
      var isPast = isPastKernel
      if case .kernels = net.nodes[place].operation { isPast = true }
      for input in net.nodes[place].inputs { waiting.append((input, isPast)) }
    }
    return false
  }
}
