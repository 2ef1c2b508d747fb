import CKernels
import Files
import Tensors

/// What one pass over a tensor's floats counts: from this the encodings choose their tables and
/// tell how much they will take.
struct FloatCensus: Sendable {
  let type: ElementType
  let layout: FloatLayout
  /// Elements.
  private(set) var count = 0
  /// Elements with a bit set, and those of them whose sign is set.
  private(set) var nonzeros = 0
  private(set) var negatives = 0
  /// The non-zeros' bits, or-ed, in this machine's byte order.
  private(set) var combined: UInt64 = 0
  /// How often each byte of the bit mask comes (csrm(5), encoding 2).
  private(set) var maskBytes = [UInt64](repeating: 0, count: 256)
  /// How often each gap comes (csrm(5), encoding 3), counted anew in every block; nil where
  /// stretches are so dense that nobody would store gaps.
  private(set) var gaps: [UInt64]? = [UInt64](repeating: 0, count: 256)
  /// How often the non-zeros have each exponent with the upper `FloatCensus.topBits` bits of the
  /// mantissa, sign aside.
  private(set) var tops: [UInt64]

  /// Mantissa bits in `tops`.
  static let topBits = 6

  /// Of no elements yet; nil for a type that is no float.
  init?(_ type: ElementType) {
    guard let layout = type.floatLayout else { return nil }
    self.type = type
    self.layout = layout
    tops = [UInt64](repeating: 0, count: 1 << (layout.exponentBits + FloatCensus.topBits))
  }

  /// Mantissa bits that are zero in every element: f32 that was bf16 has 16.
  var trailingZeros: Int {
    min(layout.mantissaBits, (combined | 1 << UInt64(layout.mantissaBits)).trailingZeroBitCount)
  }

  /// Counts what `other`, of the same type, counted.
  mutating func add(_ other: FloatCensus.Counter) {
    count += other.count
    nonzeros += Int(other.census.nonzeros)
    negatives += Int(other.census.negatives)
    combined |= other.census.combined
    withUnsafeBytes(of: other.census.mask_bytes) { counted in
      for (byte, count) in counted.bindMemory(to: UInt64.self).enumerated() {
        maskBytes[byte] += count
      }
    }
    if other.census.gaps_left_out > 0 { gaps = nil }
    withUnsafeBytes(of: other.census.gaps) { counted in
      for (gap, count) in counted.bindMemory(to: UInt64.self).enumerated() { gaps?[gap] += count }
    }
    for (top, count) in other.tops.enumerated() where count > 0 { tops[top] += UInt64(count) }
  }

  /// Counts the elements of one block, piece by piece.
  struct Counter {
    fileprivate var census = ck_float_census()
    fileprivate var tops: [UInt32]
    fileprivate var count = 0
    private var cut: ck_float_cut

    /// Nil for a type that is no float.
    init?(_ type: ElementType) {
      guard let layout = type.floatLayout else { return nil }
      tops = [UInt32](repeating: 0, count: 1 << (layout.exponentBits + FloatCensus.topBits))
      cut = ck_float_cut(type, layout)
    }

    /// Pieces but the last are of a multiple of 8 elements.
    mutating func add(_ words: UnsafeRawBufferPointer) {
      let elements = words.count / Int(cut.width)
      count += elements
      tops.withUnsafeMutableBufferPointer { tops in
        census.tops = tops.baseAddress
        ck_count_floats(Kernels.level, &cut, words.baseAddress, elements, &census)
        census.tops = nil
      }
    }
  }
}

extension ck_float_cut {
  /// Whole elements of `type`, with nothing said yet of how they are cut.
  init(_ type: ElementType, _ layout: FloatLayout) {
    self.init()
    width = Int32(type.size)
    swapped = type.isNativeOrder ? 0 : 1
    mantissa = Int32(layout.mantissaBits)
  }
}
