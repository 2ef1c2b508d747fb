import Parallel
import Tensors

extension [Double] {
  /// Divides by the Euclidean norm, so that scores of tensors that have nothing to do with each other
  /// can stand in one ranking. Sums of fixed blocks are added in order.
  mutating func scaleToUnitNorm() throws {
    let all = self
    let blocks = Parallel.pieces(of: all.count, size: TensorBlock.size)
    let sums = try Parallel.map(blocks.count) { block in
      all[blocks[block]].reduce(0) { $0 + $1 * $1 }
    }
    let norm = sums.reduce(0, +).squareRoot()
    guard norm > 0 else { return }
    try fillBlocks { _, block in for i in block.indices { block[i] /= norm } }
  }
}
