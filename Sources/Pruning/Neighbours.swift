import Tensors

/// The kernels before and after one, as the network connects them.
///
/// Between `conv1` (16 filters) and `dense` (reading conv1's flattened 4×4 map) lies one edge: conv1
/// has `dense` as a next neighbour, `dense` has conv1 as a previous one, both with the map
/// `.flattened(channels: 16)`, and the batch normalisation between them, if any, as `scale`.
public struct Neighbours: Sendable {
  /// The kernels whose outputs this one reads.
  public var previous: [Neighbour]
  /// The kernels that read this one's outputs.
  public var next: [Neighbour]
  /// Skip connections that bring this kernel's input past the previous kernels, unchanged; and those
  /// that carry its output past the next ones. Each counts as one more neighbour of factor 1.
  public var previousSkips: Int
  public var nextSkips: Int
  /// By output channel, gamma of the batch normalisation behind it; empty where none is known.
  public var gammas: [Double]

  public init(
    previous: [Neighbour] = [], next: [Neighbour] = [], previousSkips: Int = 0, nextSkips: Int = 0,
    gammas: [Double] = []
  ) {
    self.gammas = gammas
    self.previous = previous
    self.next = next
    self.previousSkips = previousSkips
    self.nextSkips = nextSkips
  }

  /// The same kernels with the scales and gammas of `other`, which are of the same places in the
  /// network at another time.
  public func rescaled(as other: Neighbours) -> Neighbours {
    func rescaled(_ all: [Neighbour], as others: [Neighbour]) -> [Neighbour] {
      precondition(all.count == others.count, "neighbours of the same kernel")
      return zip(all, others).map { Neighbour($0.kernel, channels: $0.channels, scale: $1.scale) }
    }
    return Neighbours(
      previous: rescaled(previous, as: other.previous), next: rescaled(next, as: other.next),
      previousSkips: previousSkips, nextSkips: nextSkips, gammas: other.gammas)
  }

  func replacing(_ kernels: [String: Kernel]) -> Neighbours {
    func replaced(_ all: [Neighbour]) -> [Neighbour] {
      all.map {
        Neighbour(kernels[$0.kernel.name] ?? $0.kernel, channels: $0.channels, scale: $0.scale)
      }
    }
    return Neighbours(
      previous: replaced(previous), next: replaced(next), previousSkips: previousSkips,
      nextSkips: nextSkips, gammas: gammas)
  }
}

/// A kernel at the other end of an edge from a producer of channels to a consumer.
public struct Neighbour: Sendable {
  public let kernel: Kernel
  public let channels: ChannelMap
  /// By what the producer's output channels are multiplied on the way: gamma / sqrt(variance + ε) of
  /// a batch normalisation (`normalisation(gamma:variance:)`); empty where nothing is.
  public let scale: [Double]

  public init(_ kernel: Kernel, channels: ChannelMap = .same, scale: [Double] = []) {
    self.kernel = kernel
    self.channels = channels
    self.scale = scale
  }

  /// What a batch normalisation multiplies each channel by. `gamma` is nil where the layer has none.
  /// A variance of 0 is legal: lookahead's authors add 1e-10 to it, as here.
  public static func normalisation(gamma: [Double]?, variance: [Double]) -> [Double] {
    variance.indices.map { channel in
      (gamma.map { $0[channel] } ?? 1) / (variance[channel] + 1e-10).squareRoot()
    }
  }
}

/// Which output channel of the producer an input channel of the consumer is.
public enum ChannelMap: Sendable, Equatable {
  /// The one of the same index.
  case same
  /// A Keras Flatten lies between (channels last): input i is channel i % `channels`.
  case flattened(channels: Int)
  /// A concatenation lies between, with `offset` channels before this producer's.
  case offset(Int)
  /// As listed, by input channel; -1 where the input comes from elsewhere.
  case listed([Int])

  /// The producer's output channel, of `outputs`, that input channel `input` is; nil for none of them.
  func producer(of input: Int, outputs: Int) -> Int? {
    let channel =
      switch self {
      case .same: input
      case .flattened(let channels): input % channels
      case .offset(let offset): input - offset
      case .listed(let list): input < list.count ? list[input] : -1
      }
    return channel >= 0 && channel < outputs ? channel : nil
  }
}
