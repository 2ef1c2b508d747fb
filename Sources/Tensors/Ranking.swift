import CKernels
import Parallel

/// The elements of several tensors in the order (key, tensor, index), without a sort and without a
/// copy: a radix selection that streams over the keys.
///
/// One pass when it is made, one more (three for wide keys) to find the cut at a rank, one to make
/// masks. The memory is that of a table of counts, and a bit an element for masks.
public struct Ranking: Sendable {
  /// What a tensor holds.
  public struct Survey: Sendable, Equatable {
    /// Zeros of either sign.
    public var zeros = 0
    public var negativeZeros = 0
    /// NaN and infinities.
    public var nonfinite = 0
  }

  /// Where a ranking is cut in two.
  public struct Cut: Sendable, Equatable {
    /// All elements with a lower key are below the cut, all with a higher one above.
    public var key: UInt64
    /// Of the elements with this very key, how many are below: the first in (tensor, index) order.
    public var ties: Int
    /// How many elements have this key.
    public var equal: Int

    public init(key: UInt64, ties: Int, equal: Int) {
      self.key = key
      self.ties = ties
      self.equal = equal
    }

    /// The cut that has all of the elements with `key`, and all lower ones, below it.
    public static func after(_ key: UInt64) -> Cut { Cut(key: key, ties: .max, equal: .max) }
  }

  public let sources: [any KeySource]
  public let surveys: [Survey]
  private let width: KeyWidth
  /// How many keys have each value of their highest sixteen bits.
  private let firstDigits: [UInt64]

  /// Elements in all.
  public var count: Int { sources.reduce(0) { $0 + $1.count } }

  /// Surveys the keys of `sources`, which are all of the same width. Throws what they throw.
  public init(_ sources: [any KeySource]) throws {
    self.sources = sources
    let width = sources.first?.width ?? .narrow
    precondition(sources.allSatisfy { $0.width == width })
    self.width = width
    let blocks = TensorBlock.all(of: sources.map(\.count))
    let tables = CountTables(size: 2 << 16)
    let found = try Parallel.map(blocks.count) { index -> ck_survey in
      var survey = ck_survey()
      let block = blocks[index]
      try tables.use { bins in
        try sources[block.tensor].withKeys(block.range) { keys in
          switch width {
          case .narrow: ck_radix_first32(keys, block.range.count, bins, &survey)
          case .wide: ck_radix_first64(keys, block.range.count, bins, &survey)
          }
        }
      }
      return survey
    }
    var surveys = sources.map { _ in Survey() }
    for (block, part) in zip(blocks, found) {
      surveys[block.tensor].zeros += Int(part.zeros)
      surveys[block.tensor].negativeZeros += Int(part.negative_zeros)
      surveys[block.tensor].nonfinite += Int(part.nonfinite)
    }
    self.surveys = surveys
    firstDigits = tables.sum(modulo: 1 << 16)
  }

  /// The cut that has exactly `rank` elements below it, 1 or more and at most `count`.
  public func cut(below rank: Int) throws -> Cut {
    precondition(rank > 0 && rank <= count)
    var rest = UInt64(rank)
    var prefix = UInt64(ck_find_rank(firstDigits, firstDigits.count, &rest))
    var equal = firstDigits[Int(prefix)]
    var above = width == .narrow ? 15 : 47
    while above > 0 {
      let bits = min(16, above)
      let counts = try self.counts(above: above, prefix: prefix, bits: bits)
      let next = ck_find_rank(counts, counts.count, &rest)
      equal = counts[next]
      prefix = prefix << UInt64(bits) | UInt64(next)
      above -= bits
    }
    return Cut(key: prefix, ties: Int(rest), equal: Int(equal))
  }

  /// How many keys that begin with `prefix` have each value of the next `bits`.
  private func counts(above: Int, prefix: UInt64, bits: Int) throws -> [UInt64] {
    let blocks = TensorBlock.all(of: sources.map(\.count))
    let tables = CountTables(size: 1 << bits)
    let shift = UInt32(above - bits)
    let mask: UInt64 = 1 << UInt64(bits) - 1
    try Parallel.forEach(blocks.count) { index in
      let block = blocks[index]
      try tables.use { bins in
        try sources[block.tensor].withKeys(block.range) { keys in
          switch width {
          case .narrow:
            ck_radix_next32(
              keys, block.range.count, UInt32(above), UInt32(prefix), shift, UInt32(mask), bins)
          case .wide:
            ck_radix_next64(keys, block.range.count, UInt32(above), prefix, shift, mask, bins)
          }
        }
      }
    }
    return tables.sum(modulo: 1 << bits)
  }
}
