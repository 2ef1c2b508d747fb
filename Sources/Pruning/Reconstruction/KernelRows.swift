import Tensors

/// A kernel with what it is given on calibration data: what a refit reads.
public struct KernelRows: Sendable {
  /// Takes rows of inputs: `count` of them, `stride` floats apart, for one group of the kernel.
  public typealias Taker = (
    _ rows: UnsafePointer<Float>, _ count: Int, _ stride: Int, _ group: Int
  ) -> Void

  /// Which network's rows: the one that is being pruned, or the dense one, whose rows come in the
  /// same order.
  public enum Network: Sendable { case pruned, dense }

  public var matrices: KernelMatrices
  /// The kernel as it was, in the tensor's order.
  public var dense: [Float]
  /// Pieces that rows come in; several may be asked for at once.
  public var chunks: Int
  /// Whether every output can be shifted by a constant: by a bias, or since what follows takes the
  /// mean away.
  public var canShift: Bool
  /// Calls the taker with all rows of a chunk.
  public var give: @Sendable (_ chunk: Int, _ network: Network, _ take: Taker) throws -> Void

  public init(
    matrices: KernelMatrices, dense: [Float], chunks: Int, canShift: Bool,
    give: @escaping @Sendable (_ chunk: Int, _ network: Network, _ take: Taker) throws -> Void
  ) {
    self.matrices = matrices
    self.dense = dense
    self.chunks = chunks
    self.canShift = canShift
    self.give = give
  }
}
