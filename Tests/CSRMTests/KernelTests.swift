import CKernels
import Testing

@testable import CSRM

/// Every kernel at every level of this machine against a few lines of plain Swift, for every length
/// around the widths of its registers.
struct KernelTests {
  static let levels = (0...Int32(ck_best_level())).map { $0 }
  static let lengths = Array(0...70) + [127, 128, 129, 255, 256, 257, 1000]

  private func words(_ bytes: [UInt8], _ width: Int) -> [[UInt8]] {
    stride(from: 0, to: bytes.count, by: width).map { Array(bytes[$0..<$0 + width]) }
  }

  private func isZero(_ word: [UInt8]) -> Bool { word.allSatisfy { $0 == 0 } }

  @Test(arguments: levels) func checksums(level: Int32) {
    // RFC 3720, appendix B.4.
    func crc(_ bytes: [UInt8]) -> UInt32 {
      bytes.withUnsafeBytes { ck_crc32c(level, 0, $0.baseAddress, $0.count) }
    }
    #expect(crc([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(crc([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(crc((0..<32).map { $0 }) == 0x46DD_794E)
    #expect(crc((0..<32).reversed()) == 0x113F_DB5C)
    #expect(crc(Array("123456789".utf8)) == 0xE306_9283)
    #expect(crc([]) == 0)
    var random = Sequence64(9)
    // Long enough for chains side by side, and for what is left behind them.
    for length in [12_287, 12_288, 12_289, 40_000] {
      let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let plain = bytes.withUnsafeBytes { ck_crc32c(0, 0, $0.baseAddress, $0.count) }
      #expect(crc(bytes) == plain)
      let cut = Int(random.next() % UInt64(length))
      let (a, b) = (Array(bytes[..<cut]), Array(bytes[cut...]))
      #expect(Checksum.combine(crc(a), crc(b), lengthOfB: b.count) == plain)
      #expect(b.withUnsafeBytes { ck_crc32c(level, crc(a), $0.baseAddress, $0.count) } == plain)
    }
  }

  @Test(arguments: levels, [1, 2, 4, 8]) func countsAndMasks(level: Int32, width: Int) {
    var random = Sequence64(UInt64(width))
    for length in KernelTests.lengths {
      for sparsity in [1, 2, 7, 1 << 40] as [UInt64] {
        let bytes = random.elements(length, size: width, oneIn: sparsity)
        let words = words(bytes, width)
        let nonzero = words.filter { !isZero($0) }
        #expect(ck_count_equal(level, Int32(width), bytes, length, 0) == length - nonzero.count)
        var mask = [UInt8](repeating: 0xAA, count: (length + 7) / 8)
        var values = [UInt8](repeating: 0xAA, count: nonzero.count * width + 64)
        let packed = ck_pack_nonzero(level, Int32(width), bytes, length, &mask, &values)
        #expect(packed == nonzero.count)
        #expect(Array(values[..<(packed * width)]) == nonzero.flatMap { $0 })
        let bits = words.enumerated().filter { !isZero($0.element) }.map(\.offset)
        #expect((0..<mask.count * 8).filter { mask[$0 / 8] >> UInt8($0 % 8) & 1 == 1 } == bits)
        #expect(ck_popcount(mask, mask.count) == nonzero.count)
        // Exactly as long as the values are, so that reading further would be seen.
        let exact = Array(values[..<(packed * width)])
        var out = [UInt8](repeating: 0xAA, count: bytes.count)
        ck_unpack_nonzero(level, Int32(width), mask, length, exact, &out)
        #expect(out == bytes)
      }
    }
  }

  @Test(arguments: levels, [1, 2, 4, 8]) func patternsAreCountedAndCleared(level: Int32, width: Int)
  {
    var random = Sequence64(3)
    let pattern: UInt64 = 1 << UInt64(8 * width - 1)
    for length in KernelTests.lengths {
      let bytes = (0..<length).flatMap { _ -> [UInt8] in
        let word = [0, pattern, pattern | 1][Int(random.next() % 3)] as UInt64
        return (0..<width).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
      }
      let cleared = words(bytes, width).map { word in
        word.last == 0x80 && word.dropLast().allSatisfy { $0 == 0 }
          ? [UInt8](repeating: 0, count: width) : word
      }
      let count = zip(words(bytes, width), cleared).filter { $0 != $1 }.count
      #expect(ck_count_equal(level, Int32(width), bytes, length, pattern) == count)
      var out = [UInt8](repeating: 1, count: bytes.count)
      ck_clear_equal(Int32(width), bytes, length, pattern, &out)
      #expect(out == cleared.flatMap { $0 })
    }
  }

  @Test(arguments: levels, [1, 2, 4, 8]) func compressedRows(level: Int32, width: Int) {
    var random = Sequence64(UInt64(width) + 50)
    for columns in Array(1...35) + [64, 255, 256, 257] {
      for rows in [1, 2, 3] {
        let bytes = random.elements(rows * columns, size: width, oneIn: 3)
        let words = words(bytes, width)
        let places = (0..<rows * columns).filter { !isZero(words[$0]) }
        for indexWidth in [1, 2, 4] where columns <= 256 || indexWidth > 1 {
          var out = [UInt8](repeating: 0xAA, count: places.count * indexWidth + 64)
          let found = ck_csr_columns(
            level, Int32(width), bytes, rows, columns, Int32(indexWidth), &out)
          #expect(found == places.count)
          let expected = places.flatMap { place in
            (0..<indexWidth).map { UInt8(truncatingIfNeeded: (place % columns) >> (8 * $0)) }
          }
          #expect(Array(out[..<(found * indexWidth)]) == expected)
          for pointerWidth in [4, 8] {
            // As a block in the middle of a tensor has it: 5 values before it.
            let pointers = (0..<rows).flatMap { row in
              let pointer = 5 + places.filter { $0 < row * columns }.count
              return (0..<pointerWidth).map { UInt8(truncatingIfNeeded: pointer >> (8 * $0)) }
            }
            var dense = [UInt8](repeating: 0xAA, count: bytes.count)
            let state = ck_csr_expand(
              Int32(width), Int32(indexWidth), Int32(pointerWidth), pointers, rows, columns, 5,
              UInt64(5 + places.count), expected, places.flatMap { words[$0] }, &dense)
            #expect(Int(state) == Int(ck_csr_good))
            #expect(dense == bytes)
          }
        }
      }
    }
  }

  @Test func compressedRowsThatCannotBeAreRefused() {
    func expand(_ pointers: [UInt32], _ columns: [UInt8], end: UInt64) -> Int {
      var out = [UInt8](repeating: 0, count: 12)
      let bytes = pointers.flatMap { value in
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
      }
      return Int(
        ck_csr_expand(
          1, 1, 4, bytes, pointers.count, 4, 0, end, columns,
          [UInt8](repeating: 1, count: columns.count), &out))
    }
    #expect(expand([0, 2, 2], [0, 3, 1], end: 3) == Int(ck_csr_good))
    #expect(expand([1, 2, 2], [0, 3, 1], end: 3) == Int(ck_csr_first_pointer))
    #expect(expand([0, 2, 1], [0, 3, 1], end: 3) == Int(ck_csr_pointer_order))
    #expect(expand([0, 2, 4], [0, 3, 1], end: 3) == Int(ck_csr_pointer_order))
    #expect(expand([0, .max, 2], [0, 3, 1], end: 3) == Int(ck_csr_pointer_order))
    #expect(expand([0, 2, 2], [3, 3, 1], end: 3) == Int(ck_csr_column_order))
    #expect(expand([0, 2, 2], [3, 1, 1], end: 3) == Int(ck_csr_column_order))
    #expect(expand([0, 2, 2], [0, 4, 1], end: 3) == Int(ck_csr_column_range))
    #expect(expand([0, 2, 2], [0, 255, 1], end: 3) == Int(ck_csr_column_range))
  }

  @Test(arguments: [1, 2, 3, 4, 8, 17]) func planesAndClearElements(width: Int) {
    var random = Sequence64(UInt64(width))
    for count in [0, 1, 2, 511, 512, 513, 1025] {
      let bytes = random.elements(count, size: width, oneIn: 2)
      let planes = (0..<width).flatMap { plane in (0..<count).map { bytes[$0 * width + plane] } }
      var out = [UInt8](repeating: 0, count: bytes.count)
      ck_split_planes(width, bytes, count, &out)
      #expect(out == planes)
      ck_join_planes(width, planes, count, &out)
      #expect(out == bytes)
      #expect(ck_count_clear(width, bytes, count) == words(bytes, width).filter(isZero).count)
    }
  }

  @Test func histogramOfTopBits() {
    let words: [UInt16] = [0, 0x8000, 1, 0x3C00, 0xBC01, 0x3C00, 0]
    for swapped in [false, true] {
      let bytes = words.flatMap { word -> [UInt8] in
        let little = [UInt8(truncatingIfNeeded: word), UInt8(word >> 8)]
        return swapped ? little.reversed() : little
      }
      var bins = [UInt64](repeating: 0, count: 64)
      #expect(ck_top_histogram(2, swapped ? 1 : 0, 10, bytes, words.count, &bins) == 2)
      #expect(bins.indices.filter { bins[$0] > 0 } == [0, 15, 32, 47])
      #expect([bins[0], bins[15], bins[32], bins[47]] == [1, 2, 1, 1])
    }
  }
}
