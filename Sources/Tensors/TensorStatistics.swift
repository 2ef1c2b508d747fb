import CKernels
import Parallel

/// What the values of a tensor are like, in one pass.
///
/// Sums are made in double precision over blocks of a fixed size, about each block's first value,
/// and put together in order (Chan, Golub, LeVeque 1983), so that the result depends neither on the
/// number of threads nor on the instruction set, and a large mean costs no digits of the deviation.
public struct TensorStatistics: Sendable, Equatable {
  /// Elements in all.
  public var count = 0
  /// Zeros of either sign.
  public var zeros = 0
  public var negativeZeros = 0
  public var nan = 0
  /// Infinities of either sign.
  public var infinite = 0
  /// Of the finite values, as are all that follow; nil where there is none.
  public var minimum: Double?
  public var maximum: Double?
  public var mean: Double?
  /// Root of the mean squared deviation from the mean (divisor n).
  public var standardDeviation: Double?
  /// Mean of the magnitudes.
  public var absoluteMean: Double?

  public var nonfinite: Int { nan + infinite }

  /// The statistics of one tensor; nil where its elements are no numbers. Throws what its source
  /// throws.
  public static func measure(_ values: TensorValues) throws -> TensorStatistics? {
    try measure([values])[0]
  }

  /// The statistics of each of several tensors, all blocks of all of them side by side.
  public static func measure(_ tensors: [TensorValues]) throws -> [TensorStatistics?] {
    let blocks = TensorBlock.all(of: tensors.map { $0.type.isNumber ? $0.count : 0 })
    let partials = try Parallel.map(blocks.count) {
      try Partial(tensors[blocks[$0].tensor], blocks[$0].range, scale: 1)
    }
    var totals = tensors.map { _ in Partial() }
    for (block, partial) in zip(blocks, partials) { totals[block.tensor].add(partial) }
    return try tensors.indices.map { index -> TensorStatistics? in
      guard tensors[index].type.isNumber else { return nil }
      if totals[index].isFinite { return totals[index].statistics(scale: 1) }
      // Values whose squares or sum no double holds: once more, all of them made smaller.
      var total = Partial()
      for block in blocks where block.tensor == index {
        total.add(try Partial(tensors[index], block.range, scale: Partial.small))
      }
      return total.statistics(scale: Partial.small)
    }
  }
}

/// The statistics of some blocks, in a form that can be put together.
private struct Partial: Sendable {
  /// 2^-540: the square of the largest double times this, squared, leaves room for 2^56 of them.
  static let small = 0x1p-540

  var count = 0
  var finite = 0
  var zeros = 0
  var negativeZeros = 0
  var nan = 0
  var infinite = 0
  var lowest = Double.infinity
  var highest = -Double.infinity
  /// The mean, the mean magnitude and the sum of squared deviations; of the values times the scale.
  var mean = 0.0
  var absoluteMean = 0.0
  var deviations = 0.0

  var isFinite: Bool { mean.isFinite && absoluteMean.isFinite && deviations.isFinite }

  init() {}

  init(_ values: TensorValues, _ range: Range<Int>, scale: Double) throws {
    var found = ck_statistics()
    var shift = 0.0
    if values.type.fitsFloat {
      try values.withFloats(range) { from in
        for i in 0..<range.count {
          let first = from.loadUnaligned(fromByteOffset: 4 * i, as: Float.self)
          if first.isFinite {
            shift = Double(first)
            break
          }
        }
        ck_statistics_f32(from, range.count, shift, &found)
      }
    } else {
      try values.withDoubles(range) { from in
        for i in 0..<range.count {
          let first = from.loadUnaligned(fromByteOffset: 8 * i, as: Double.self)
          if first.isFinite {
            shift = first
            break
          }
        }
        ck_statistics_f64(from, range.count, shift, scale, &found)
      }
    }
    count = range.count
    zeros = Int(found.zeros)
    negativeZeros = Int(found.negative_zeros)
    nan = Int(found.nan)
    infinite = Int(found.infinite)
    finite = count - nan - infinite
    guard finite > 0 else { return }
    lowest = found.lowest
    highest = found.highest
    mean = shift * scale + found.sum / Double(finite)
    absoluteMean = found.absolute / Double(finite)
    // Not `max`, which would hide the NaN that tells of an overflow.
    let spread = found.squares - found.sum * (found.sum / Double(finite))
    deviations = spread < 0 ? 0 : spread
  }

  mutating func add(_ next: Partial) {
    count += next.count
    zeros += next.zeros
    negativeZeros += next.negativeZeros
    nan += next.nan
    infinite += next.infinite
    guard next.finite > 0 else { return }
    let before = Double(finite)
    finite += next.finite
    let share = Double(next.finite) / Double(finite)
    let apart = next.mean - mean
    mean += apart * share
    absoluteMean += (next.absoluteMean - absoluteMean) * share
    deviations += next.deviations + apart * apart * before * share
    lowest = min(lowest, next.lowest)
    highest = max(highest, next.highest)
  }

  func statistics(scale: Double) -> TensorStatistics {
    var result = TensorStatistics()
    result.count = count
    result.zeros = zeros
    result.negativeZeros = negativeZeros
    result.nan = nan
    result.infinite = infinite
    guard finite > 0 else { return result }
    // Adding zero turns -0.0 into +0.0.
    result.minimum = lowest + 0
    result.maximum = highest + 0
    result.mean = mean / scale + 0
    result.standardDeviation = (deviations / Double(finite)).squareRoot() / scale
    result.absoluteMean = absoluteMean / scale
    return result
  }
}
