import CKernels
import Parallel

/// Scores of a tensor's weights as keys, lowest score first, in 8 bytes a weight.
///
/// Weights that are zero rank before all others, whatever their score, and weights that are not
/// finite after them.
public struct ScoreKeys: KeySource {
  private let keys: [Double]

  /// What is wrong with a score: it is negative, not finite, or the largest double.
  public struct BadScore: Error, Equatable { public let index: Int }

  /// The keys of `scores`, one for each weight of `values`. Throws `BadScore` for the first bad score
  /// of a weight that is finite and not zero, and what the source of `values` throws.
  public init(_ scores: consuming [Double], of values: TensorValues) throws {
    precondition(scores.count == values.count && values.type.isNumber)
    try scores.fillBlocks { range, block in
      guard let keys = block.baseAddress else { return }
      let bad: Int
      if values.type.fitsFloat {
        bad = try values.withFloats(range) { ck_score_keys_f32(keys, $0, range.count) }
      } else {
        bad = try values.withDoubles(range) { ck_score_keys_f64(keys, $0, range.count) }
      }
      if bad < range.count { throw BadScore(index: range.lowerBound + bad) }
    }
    keys = scores
  }

  public var count: Int { keys.count }
  public var width: KeyWidth { .wide }

  public func withKeys<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawPointer) throws -> Result
  ) throws -> Result {
    try keys.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { preconditionFailure("no keys to read") }
      precondition(range.lowerBound >= 0 && range.upperBound <= keys.count)
      return try body(start + 8 * range.lowerBound)
    }
  }
}

extension [Double] {
  /// `count` numbers, written by `fill` block by block, several at a time.
  public init(
    count: Int,
    blocks fill: @Sendable (Range<Int>, UnsafeMutableBufferPointer<Double>) throws -> Void
  ) throws {
    // Not filled with zeros first: the pages are touched by the threads that write them.
    try self.init(unsafeUninitializedCapacity: count) { all, filled in
      try Self.fill(UnsafeMutableBufferPointer(rebasing: all[..<count]), fill)
      filled = count
    }
  }

  /// Calls `fill` with every block of the array and where it lies in it, several at a time.
  public mutating func fillBlocks(
    _ fill: @Sendable (Range<Int>, UnsafeMutableBufferPointer<Double>) throws -> Void
  ) throws {
    try withUnsafeMutableBufferPointer { try Self.fill($0, fill) }
  }

  private static func fill(
    _ all: UnsafeMutableBufferPointer<Double>,
    _ fill: @Sendable (Range<Int>, UnsafeMutableBufferPointer<Double>) throws -> Void
  ) throws {
    let blocks = Parallel.pieces(of: all.count, size: TensorBlock.size)
    // No two blocks overlap.
    nonisolated(unsafe) let all = all
    try Parallel.forEach(blocks.count) { index in
      try fill(blocks[index], UnsafeMutableBufferPointer(rebasing: all[blocks[index]]))
    }
  }
}
