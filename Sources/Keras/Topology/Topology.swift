/// Which kernels follow which, channel by channel: what lookahead pruning needs (arXiv 2002.04809).
///
/// Tensors are indices in `Model.tensors`. Kernels are neighbours where only layers that keep
/// channels apart lie between them: activations, normalisation, pooling, padding, dropout, flatten,
/// concatenation, sums. Where anything else lies between, there is no neighbour.
public struct Topology: Sendable {
  /// By kernel tensor; kernels of layers that are not understood are not in it.
  public var kernels: [Int: Kernel] = [:]

  public struct Kernel: Sendable {
    /// Which axes of the kernel count its input channels and its output channels, in row-major
    /// order where there are several.
    public var inputs: Channels
    public var outputs: Channels
    /// Convolution groups: output channels of group g read the g-th part of the input channels, so
    /// the input axis is that much shorter.
    public var groups = 1
    /// Kernels whose outputs this one reads, and kernels that read its outputs.
    public var before: [Neighbour] = []
    public var after: [Neighbour] = []
    /// Whether an identity (a skip connection) is added to what this kernel reads, or to what it
    /// gives.
    public var hasIdentityBefore = false
    public var hasIdentityAfter = false
  }

  /// Channels along some axes of a kernel.
  public struct Channels: Sendable, Hashable {
    public var axes: [Int]
    /// How many times the channels are there one after another: the gates of a recurrent layer. The
    /// channel of index i along the axes is then i modulo (size / blocks).
    public var blocks = 1
  }

  /// A kernel next to another, and how the channels between them are numbered.
  public struct Neighbour: Sendable, Hashable {
    public var tensor: Int
    /// Channel c of the kernel before is read by the kernel after at the input channels
    /// `offset + c + p × stride` for p in `0..<positions`: flattening repeats channels, concatenation
    /// shifts them.
    public var offset = 0
    public var stride = 0
    public var positions = 1
    /// Batch normalisations between the two, which scale channel c by gamma / sqrt(variance + ε).
    public var normalisations: [Normalisation] = []
  }

  /// The tensors of a BatchNormalization; gamma is nil where it is 1. Channel c of the kernel before
  /// has the values at `offset + c` (an offset other than 0 comes from a concatenation between).
  public struct Normalisation: Sendable, Hashable {
    public var gamma: Int?
    public var variance: Int
    public var epsilon: Double
    public var offset = 0
  }
}
