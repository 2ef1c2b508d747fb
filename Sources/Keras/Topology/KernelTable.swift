import Documents
import JSON

/// The kernels and normalisations of a model by the layer that the graph knows them under.
struct KernelTable {
  private let tensors: [ModelTensor]
  private var byLayer: [Name: [Int]] = [:]

  init(_ tensors: [ModelTensor]) {
    self.tensors = tensors
    for (i, tensor) in tensors.enumerated() {
      guard let layer = tensor.graphLayer, tensor.copyOf == nil else { continue }
      byLayer[Name(layer), default: []].append(i)
    }
  }

  private func tensors(_ path: [String]) -> [Int] {
    byLayer[Name(path.joined(separator: "/"))] ?? []
  }

  /// The kernel that reads a layer's input, the one that gives its output, and how many channels
  /// that has; nil for layers whose kernels do not form a chain.
  func chain(_ path: [String], _ layer: LayerGraph.Layer) -> (first: Int, last: Int, width: Int?)? {
    let kernels = tensors(path).filter {
      tensors[$0].role.isKernel && tensors[$0].role != .recurrentKernel
    }
    guard let first = kernels.first, let last = kernels.last,
      kernels.count
        == (tensors[first].role == .depthwiseKernel && layer.className.hasPrefix("Separable")
          ? 2 : 1),
      let channels = channels(last, layer)
    else { return nil }
    let sizes = channels.outputs.axes.map { tensors[last].shape[$0] }
    return (
      first, last, PartialShape.product(sizes.map { $0 }).map { $0 / channels.outputs.blocks }
    )
  }

  /// Which axes of a kernel are input and output channels (methods.md, section C3); nil for classes
  /// that mix channels in other ways.
  func channels(_ kernel: Int, _ layer: LayerGraph.Layer) -> Topology.Kernel? {
    let tensor = tensors[kernel]
    let rank = tensor.shape.count
    let owner = tensor.ownerClass ?? ""
    func made(
      _ inputs: [Int], _ outputs: [Int], blocks: Int = 1, groups: Int = 1
    ) -> Topology.Kernel? {
      guard (inputs + outputs).allSatisfy((0..<rank).contains) else { return nil }
      return Topology.Kernel(
        inputs: .init(axes: inputs), outputs: .init(axes: outputs, blocks: blocks),
        groups: groups)
    }
    switch tensor.role {
    case .depthwiseKernel: return made([rank - 2], [rank - 2, rank - 1])
    case .pointwiseKernel: return made([rank - 2], [rank - 1])
    case .kernel where ["Dense", "EinsumDense", "TimeDistributedDense"].contains(owner):
      return rank == 2 ? made([0], [1]) : nil
    case .kernel
    where owner.hasPrefix("Conv") || owner.hasPrefix("AtrousConv") || owner.hasPrefix("Deconv"):
      if owner.hasPrefix("ConvLSTM") { return nil }
      if owner.hasSuffix("Transpose") || owner.hasPrefix("Deconv") {
        return made([rank - 1], [rank - 2])
      }
      if layer.config["dim_ordering"] == "th" { return made([1], [0]) }
      let groups = max(1, layer.config["groups"]?.integerValue ?? 1)
      return made([rank - 2], [rank - 1], groups: groups)
    case .kernel where owner == "LSTM": return made([0], [1], blocks: 4)
    case .kernel where owner == "GRU": return made([0], [1], blocks: 3)
    case .kernel where owner == "SimpleRNN": return made([0], [1])
    default: return nil
    }
  }

  func normalisation(_ path: [String], _ layer: LayerGraph.Layer) -> Topology.Normalisation? {
    let own = tensors(path)
    guard let variance = own.first(where: { tensors[$0].role == .movingVariance }) else {
      return nil
    }
    return Topology.Normalisation(
      gamma: own.first { tensors[$0].role == .gamma }, variance: variance,
      epsilon: layer.config["epsilon"]?.doubleValue ?? 1e-3)
  }

  /// How many channels a normalisation has.
  func width(of normalisation: Topology.Normalisation) -> Int {
    tensors[normalisation.variance].count
  }

  /// How many channels a kernel reads.
  func inputWidth(_ kernel: Int, _ channels: Topology.Kernel) -> Int? {
    PartialShape.product(channels.inputs.axes.map { tensors[kernel].shape[$0] } + [channels.groups])
  }
}
