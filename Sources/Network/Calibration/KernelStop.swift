import Tensors

/// Where a walk stops: before a layer multiplies by one of its kernels.
public struct KernelStop: @unchecked Sendable {
  /// Which network's rows are meant: the one that is being changed, or the dense one.
  public enum Side: Sendable { case current, dense }

  /// The kernel among the model's tensors, which kernel of its layer it is, and the part of it that
  /// sees these rows.
  public let tensor: Int
  public let layer: String
  public let use: Int
  public let matrices: KernelMatrices
  /// The bias among the model's tensors; nil where there is none that every output has a number in.
  public let bias: Int?
  /// Whether what comes after it takes any constant away again.
  public let isNormalised: Bool
  /// Whether the layer is not called again.
  public let isLast: Bool
  /// Pieces that the rows come in.
  public var chunks: Int { walk.chunks.count }

  let walk: SampleWalk
  let denseWalk: SampleWalk?
  let node: Int
  let kernelUse: KernelUse

  /// Gives `take` all rows of a chunk: `count` rows that are `stride` floats apart, for one group of
  /// the kernel. Both sides give the same number in the same order. Different chunks may be asked for
  /// at once. Without a dense side, its rows are the current ones.
  public func giveRows(
    chunk: Int, of side: Side,
    _ take: (
      _ rows: UnsafePointer<Float>, _ count: Int, _ stride: Int, _ group: Int
    ) -> Void
  ) {
    let walk = side == .dense ? denseWalk ?? walk : walk
    guard let layer = walk.network.plan.nodes[node].layer as? any Calibrated else { return }
    layer.giveInputs(of: use, in: walk.frame(node, chunk: chunk), to: take)
  }

  /// The kernel as the walk has it now, in the tensor's order.
  public var values: [Float] {
    Array(UnsafeBufferPointer(start: kernelUse.kernel.values, count: kernelUse.kernel.count))
  }
}
