import CKernels
import Parallel

/// How the magnitudes of a tensor are spread over powers of two.
public struct MagnitudeHistogram: Sendable, Equatable {
  /// Zeros of either sign.
  public var zeros = 0
  /// NaN and infinities.
  public var nonfinite = 0
  /// `counts[i]` values have 2^e <= |x| < 2^(e+1) with e = `lowestExponent` + i. The first and the
  /// last count are not 0; there is none where no value is finite and other than zero.
  public var counts: [Int] = []
  public var lowestExponent = 0

  /// The histogram of one tensor, subnormals by their value; nil where its elements are no numbers.
  /// Throws what its source throws.
  public static func measure(_ values: TensorValues) throws -> MagnitudeHistogram? {
    guard values.type.isNumber, let statistics = try TensorStatistics.measure(values) else {
      return nil
    }
    let isNarrow = values.type.fitsFloat
    let blocks = Parallel.pieces(of: values.count, size: TensorBlock.size)
    let parts = try Parallel.map(blocks.count) { index -> [UInt64] in
      var bins = [UInt64](repeating: 0, count: isNarrow ? 277 : 2098)
      if isNarrow {
        try values.withFloats(blocks[index]) { ck_exponents_f32($0, blocks[index].count, &bins) }
      } else {
        try values.withDoubles(blocks[index]) { ck_exponents_f64($0, blocks[index].count, &bins) }
      }
      return bins
    }
    var bins = [Int](repeating: 0, count: isNarrow ? 277 : 2098)
    for part in parts { for i in bins.indices { bins[i] += Int(part[i]) } }
    var result = MagnitudeHistogram()
    result.zeros = statistics.zeros
    result.nonfinite = statistics.nonfinite
    if let first = bins.firstIndex(where: { $0 > 0 }), let last = bins.lastIndex(where: { $0 > 0 })
    {
      result.counts = Array(bins[first...last])
      result.lowestExponent = first - (isNarrow ? 149 : 1074)
    }
    return result
  }
}
