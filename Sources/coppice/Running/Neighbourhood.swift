import Keras
import Pruning
import Tensors

/// The kernels around each kernel, from Keras's topology to the form that lookahead pruning takes.
///
/// Edges at which channels do not stand one for one (the gates of a recurrent layer, the groups of a
/// convolution) are left out: there the factor of the neighbour is 1.
struct Neighbourhood {
  private let model: Model
  private let topology: Topology
  /// What some tensors hold instead of what the file does, by place.
  private let values: [Int: TensorValues]

  /// Nil where the file does not tell how its layers are connected.
  init?(_ model: Model, values: [Int: TensorValues] = [:]) {
    guard let topology = model.topology else { return nil }
    self.model = model
    self.topology = topology
    self.values = values
  }

  func neighbours(of place: Int) -> Neighbours? {
    guard let kernel = topology.kernels[place] else { return nil }
    return Neighbours(
      previous: kernel.before.compactMap { edge in
        neighbour(edge, kernelAt: edge.tensor, producer: edge.tensor, consumer: place)
      },
      next: kernel.after.compactMap { edge in
        neighbour(edge, kernelAt: edge.tensor, producer: place, consumer: edge.tensor)
      },
      previousSkips: kernel.hasIdentityBefore ? 1 : 0, nextSkips: kernel.hasIdentityAfter ? 1 : 0,
      gammas: gammas(after: kernel, of: place))
  }

  /// Of the first batch normalisation on the way to any kernel behind.
  private func gammas(after kernel: Topology.Kernel, of place: Int) -> [Double] {
    guard kernel.outputs.blocks == 1, let channels = model.tensors[place].layout?.outputs,
      let first = kernel.after.lazy.compactMap(\.normalisations.first).first,
      let gamma = first.gamma
    else { return [] }
    return numbers(gamma, first.offset, channels) ?? []
  }

  private func neighbour(
    _ edge: Topology.Neighbour, kernelAt place: Int, producer: Int, consumer: Int
  ) -> Neighbour? {
    guard let before = topology.kernels[producer], let after = topology.kernels[consumer],
      before.outputs.blocks == 1, after.inputs.blocks == 1, after.groups == 1,
      let kernel = model.tensors[place].kernel, let source = model.tensors[producer].kernel
    else { return nil }
    let channels = source.layout.outputs
    return Neighbour(
      kernel,
      channels: map(edge, channels: channels, inputs: model.tensors[consumer].layout?.inputs ?? 0),
      scale: scale(edge.normalisations, channels: channels))
  }

  private func map(_ edge: Topology.Neighbour, channels: Int, inputs: Int) -> ChannelMap {
    if edge.positions == 1 { return edge.offset == 0 ? .same : .offset(edge.offset) }
    var list = [Int](repeating: -1, count: inputs)
    for position in 0..<edge.positions {
      for channel in 0..<channels {
        let input = edge.offset + channel + position * edge.stride
        if list.indices.contains(input) { list[input] = channel }
      }
    }
    return .listed(list)
  }

  private func scale(_ normalisations: [Topology.Normalisation], channels: Int) -> [Double] {
    var scale: [Double] = []
    for normalisation in normalisations {
      guard let variance = numbers(normalisation.variance, normalisation.offset, channels) else {
        continue
      }
      let gamma = normalisation.gamma.flatMap { numbers($0, normalisation.offset, channels) }
      let factors = Neighbour.normalisation(gamma: gamma, variance: variance)
      scale = scale.isEmpty ? factors : zip(scale, factors).map { $0 * $1 }
    }
    return scale
  }

  private func numbers(_ place: Int, _ offset: Int, _ channels: Int) -> [Double]? {
    guard let values = values[place] ?? model.tensors[place].values,
      values.count >= offset + channels
    else { return nil }
    return try? values.doubles(offset..<offset + channels)
  }
}
