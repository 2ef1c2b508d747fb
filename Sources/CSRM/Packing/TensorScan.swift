import CKernels
import Files
import Parallel
import Synchronization
import Tensors

/// What one pass over a tensor's elements finds: all that sizes and the directory need.
struct TensorScan {
  /// Elements with a bit set, by block.
  private(set) var nonzeros: [Int] = []
  /// The same in all blocks before it.
  private(set) var nonzerosBefore: [Int] = []
  private(set) var nonzerosInAll = 0
  /// Float elements that are -0.0, by block; before they were cleared.
  private(set) var negativeZeros: [Int] = []
  private(set) var negativeZerosInAll = 0
  /// Whether all elements are equal bit for bit.
  private(set) var isUniform = false
  /// Of each block's elements, and of all.
  private(set) var blockChecksums: [UInt32] = []
  private(set) var checksum: UInt32 = 0
  /// What a coder of floats wants to know; nil where it was not asked for, or they are no floats.
  private(set) var census: FloatCensus?

  private struct Block {
    var nonzeros = 0
    var negativeZeros = 0
    var isUniform = true
    var first: [UInt8] = []
    var checksum: UInt32 = 0
  }

  /// Scans all of `source`. With `canonicalZero`, as if every -0.0 were +0.0; with `census`, floats
  /// are counted too.
  init(
    _ source: any ByteSource, _ geometry: Geometry, type: ElementType, canonicalZero: Bool,
    checksums: Bool, census: Bool = false
  ) throws {
    let total = Mutex(census ? FloatCensus(type) : nil)
    let blocks = try Parallel.map(geometry.blockCount) { block in
      defer { Passage.add(geometry.bytes(of: block).count) }
      var counter = census ? FloatCensus.Counter(type) : nil
      let found = try source.withBytes(geometry.bytes(of: block)) { words in
        TensorScan.scan(
          words, size: geometry.elementSize, negativeZero: type.negativeZero,
          canonicalZero: canonicalZero, checksums: checksums, counter: &counter)
      }
      // Sums of counts are the same in any order.
      if let counter { total.withLock { $0?.add(counter) } }
      return found
    }
    self.census = total.withLock { $0 }
    for (index, block) in blocks.enumerated() {
      nonzeros.append(block.nonzeros)
      nonzerosBefore.append(nonzerosInAll)
      nonzerosInAll += block.nonzeros
      negativeZeros.append(block.negativeZeros)
      negativeZerosInAll += block.negativeZeros
      blockChecksums.append(block.checksum)
      checksum = Checksum.combine(
        checksum, block.checksum, lengthOfB: geometry.bytes(of: index).count)
    }
    isUniform =
      geometry.count > 0
      && (nonzerosInAll == 0
        || blocks.allSatisfy { $0.isUniform && $0.first == blocks[0].first })
  }

  private static func scan(
    _ words: UnsafeRawBufferPointer, size: Int, negativeZero: UInt64?, canonicalZero: Bool,
    checksums: Bool, counter: inout FloatCensus.Counter?
  ) -> Block {
    var result = Block()
    result.first = Array(words[..<size])
    // Pieces that stay in the nearest cache while each thing is counted.
    let step = max(1, (1 << 15) / size) * size
    var start = 0
    while start < words.count {
      let end = min(words.count, start + step)
      let piece = UnsafeRawBufferPointer(rebasing: words[start..<end])
      let count = piece.count / size
      let zeros = clear(piece, size)
      var negative = 0
      if let negativeZero, zeros < count {
        negative = ck_count_equal(
          Kernels.level, Int32(size), piece.baseAddress, count, negativeZero)
      }
      result.negativeZeros += negative
      result.nonzeros += count - zeros
      if result.isUniform {
        let behind = start == 0 ? size : 0
        // Each element is compared with the one before it, across pieces too.
        result.isUniform = equal(words, start + behind..<end, start + behind - size)
      }
      func look(_ piece: UnsafeRawBufferPointer) {
        if checksums { result.checksum = Checksum.of(piece, continuing: result.checksum) }
        counter?.add(piece)
      }
      if canonicalZero, negative > 0, let negativeZero {
        withScratch(piece.count) { scratch in
          ck_clear_equal(Int32(size), piece.baseAddress, count, negativeZero, scratch.baseAddress)
          look(UnsafeRawBufferPointer(scratch))
        }
      } else {
        look(piece)
      }
      start = end
    }
    if canonicalZero, result.negativeZeros > 0 {
      result.nonzeros -= result.negativeZeros
      // Mixed zeros may have become uniform; all zero is found by the count.
      result.isUniform = false
    }
    return result
  }

  /// Elements of `size` bytes of which some bit is set.
  static func nonzeros(_ words: UnsafeRawBufferPointer, _ size: Int) -> Int {
    words.count / size - clear(words, size)
  }

  private static func clear(_ piece: UnsafeRawBufferPointer, _ size: Int) -> Int {
    let count = piece.count / size
    switch size {
    case 1, 2, 4, 8: return ck_count_equal(Kernels.level, Int32(size), piece.baseAddress, count, 0)
    default:
      return ck_count_clear(size, piece.baseAddress?.assumingMemoryBound(to: UInt8.self), count)
    }
  }

  private static func equal(
    _ words: UnsafeRawBufferPointer, _ range: Range<Int>, _ other: Int
  ) -> Bool {
    ck_equal(
      words.baseAddress.map { $0 + range.lowerBound }, words.baseAddress.map { $0 + other },
      range.count) != 0
  }
}

extension ElementType {
  /// -0.0 as a word in memory; nil for types that have none.
  var negativeZero: UInt64? {
    guard isFloat else { return nil }
    return isBigEndian ? 0x80 : 0x80 << UInt64(8 * (size - 1))
  }
}
