import CKernels
import Testing

@testable import CSRM

/// The kernels of encoding 3 at every level of this machine, against the definition in csrm(5) written
/// out in plain Swift.
struct StaticKernelTests {
  static let levels = KernelTests.levels
  /// Around a round of 32 symbols, and around the pieces in which blocks are decoded.
  static let lengths = Array(0...70) + [255, 256, 257, 1000, 8191, 8192, 8193, 20_000]

  /// Frequencies that add up to 2^14: of one symbol, of two, of a few, of all.
  static func tables() -> [[UInt16]] {
    var tables: [[UInt16]] = []
    for symbols in [[7], [0, 255], [3, 4, 5, 200], Array(0...255)] {
      var table = [UInt16](repeating: 0, count: 256)
      for symbol in symbols { table[symbol] = 1 }
      table[symbols[0]] += UInt16((1 << 14) - symbols.count)
      tables.append(table)
    }
    var even = [UInt16](repeating: 64, count: 256)
    tables.append(even)
    for symbol in 0..<128 {
      even[symbol] = 1
      even[symbol + 128] = 127
    }
    tables.append(even)
    return tables
  }

  /// The stream that csrm(5) defines: states from 2^16 up, words of 16 bits, symbols from the last to
  /// the first.
  static func reference(_ symbols: [UInt8], _ table: [UInt16]) -> [UInt8] {
    let first = table.indices.map { table[..<$0].reduce(0) { $0 + UInt64($1) } }
    var states = [UInt64](repeating: 1 << 16, count: 32)
    var words: [UInt16] = []
    for (index, symbol) in symbols.enumerated().reversed() {
      let frequency = UInt64(table[Int(symbol)])
      var x = states[index % 32]
      if x >= frequency << 18 {
        words.append(UInt16(truncatingIfNeeded: x))
        x >>= 16
      }
      states[index % 32] = (x / frequency) << 14 + x % frequency + first[Int(symbol)]
    }
    let bytes = states.flatMap { state in (0..<4).map { UInt8(state >> (8 * $0) & 0xFF) } }
    return bytes + words.reversed().flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
  }

  /// Symbols that come about as often as a table says.
  static func symbols(_ count: Int, _ table: [UInt16], _ random: inout Sequence64) -> [UInt8] {
    let places = table.indices.flatMap { [UInt8](repeating: UInt8($0), count: Int(table[$0])) }
    return (0..<count).map { _ in places[Int(random.next() % UInt64(places.count))] }
  }

  @Test(arguments: levels) func streamsAreThoseOfTheDefinition(level: Int32) {
    var random = Sequence64(1)
    for table in StaticKernelTests.tables() {
      var encoding = ck_rans_encoding()
      ck_rans_make_encoding(table, &encoding)
      var decoding = ck_rans_decoding()
      ck_rans_make_decoding(table, &decoding)
      for length in StaticKernelTests.lengths {
        let symbols = StaticKernelTests.symbols(length, table, &random)
        let expected = StaticKernelTests.reference(symbols, table)
        var room = [UInt8](repeating: 0xAA, count: 64 + 128 + 2 * length)
        let written = room.withUnsafeMutableBufferPointer { room -> Int in
          guard let start = room.baseAddress else { return 0 }
          return ck_rans_encode(level, &encoding, symbols, length, start + room.count)
        }
        #expect(Array(room.suffix(written)) == expected)
        #expect(StaticKernelTests.decoded(level, expected, length, &decoding) == symbols)
        // In parts of whole rounds, as blocks are decoded.
        if length > 64 {
          #expect(
            StaticKernelTests.decoded(level, expected, length, &decoding, first: length / 64 * 32)
              == symbols)
        }
        // A word less, a word more.
        #expect(
          StaticKernelTests.decoded(level, expected.dropLast(2), length, &decoding) != symbols)
        #expect(StaticKernelTests.decoded(level, expected + [0, 0], length, &decoding) == nil)
        #expect(StaticKernelTests.decoded(level, expected.dropLast(1), length, &decoding) == nil)
      }
    }
  }

  /// What a stream decodes to; nil where it is found wrong. The bytes are in memory of exactly their
  /// own size, so that a sanitizer sees one read too many.
  static func decoded<Bytes: Collection<UInt8>>(
    _ level: Int32, _ stream: Bytes, _ count: Int, _ table: inout ck_rans_decoding, first: Int = 0
  ) -> [UInt8]? {
    let own = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: stream.count)
    _ = own.initialize(from: stream)
    defer { own.deallocate() }
    let out = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: count)
    out.initialize(repeating: 0)
    defer { out.deallocate() }
    var reader = ck_rans_reader()
    guard let start = own.baseAddress, ck_rans_begin(&reader, start, own.count) != 0 else { return nil }
    guard count == 0
      || ck_rans_decode(level, &reader, &table, out.baseAddress, first) != 0
        && ck_rans_decode(level, &reader, &table, out.baseAddress.map { $0 + first }, count - first) != 0
    else { return nil }
    return ck_rans_is_finished(&reader) != 0 ? Array(out) : nil
  }

  /// Streams of anything are survived, and all levels say the same of them.
  @Test func streamsOfAnythingAreSurvived() {
    var random = Sequence64(2)
    for table in StaticKernelTests.tables() {
      var decoding = ck_rans_decoding()
      ck_rans_make_decoding(table, &decoding)
      for round in 0..<200 {
        let length = Int(random.next() % 600)
        let stream = (0..<length).map { _ in
          round % 3 == 0 ? UInt8(0) : UInt8(truncatingIfNeeded: random.next())
        }
        let count = Int(random.next() % 2000)
        let found = StaticKernelTests.levels.map {
          StaticKernelTests.decoded($0, stream, count, &decoding)
        }
        #expect(found.allSatisfy { $0 == found[0] })
      }
    }
  }

  @Test func gapsAreThoseOfTheDefinition() {
    var random = Sequence64(3)
    for sparsity in [1, 2, 9, 100, 700, 1 << 40] as [UInt64] {
      for count in [1, 7, 8, 63, 64, 65, 254, 255, 256, 511, 3000] {
        let bits = (0..<count).map { _ in random.next() % sparsity == 0 }
        var mask = [UInt8](repeating: 0, count: (count + 7) / 8)
        var expected: [UInt8] = []
        var gap = 0
        for (place, isSet) in bits.enumerated() {
          guard isSet else {
            gap += 1
            continue
          }
          mask[place / 8] |= 1 << UInt8(place % 8)
          expected += [UInt8](repeating: 255, count: gap / 255) + [UInt8(gap % 255)]
          gap = 0
        }
        let set = bits.filter { $0 }.count
        var gaps = [UInt8](repeating: 0, count: set + count / 255)
        let found = ck_mask_to_gaps(mask, count, &gaps)
        #expect(Array(gaps[..<found]) == expected)
        var back = [UInt8](repeating: 0xAA, count: mask.count)
        #expect(ck_gaps_to_mask(expected, found, &back, count) == set)
        #expect(back == mask)
        // One more bit does not fit behind the last one.
        #expect(ck_gaps_to_mask(expected + [254], found + 1, &back, min(count, 254)) > min(count, 254))
      }
    }
  }

  struct Cut: CustomTestStringConvertible {
    let width: Int, mantissa: Int, trailing: Int, prefix: Int, signs: Bool, negative: Bool, swapped: Bool
    var bits: Int { (signs ? 1 : 0) + mantissa - trailing - prefix }
    var testDescription: String {
      "\(width) bytes, \(trailing) + \(prefix) of \(mantissa), \(signs) \(negative) \(swapped)"
    }
    var kernel: ck_float_cut {
      ck_float_cut(
        width: Int32(width), swapped: swapped ? 1 : 0, mantissa: Int32(mantissa),
        trailing: Int32(trailing), prefix: Int32(prefix), has_signs: signs ? 1 : 0,
        negative: negative ? 1 : 0, base: 3)
    }
  }

  static let cuts: [Cut] = [(2, 10), (2, 7), (4, 23), (8, 52)].flatMap { width, mantissa in
    [(0, 0), (0, 3), (0, 6), (2, 4), (mantissa - 1, 1), (mantissa, 0)].flatMap { trailing, prefix in
      [(true, false, false), (false, false, false), (false, true, false), (true, false, true)].map {
        Cut(
          width: width, mantissa: mantissa, trailing: trailing, prefix: prefix, signs: $0.0,
          negative: $0.1, swapped: $0.2)
      }
    }
  }

  /// Words, their symbols and the packed fields, by the definition.
  static func floats(
    _ count: Int, _ cut: Cut, _ random: inout Sequence64
  ) -> (words: [UInt8], symbols: [UInt8], raw: [UInt8]) {
    var words: [UInt8] = []
    var symbols: [UInt8] = []
    var raw: [UInt8] = []
    var position = 0
    let low = UInt64(cut.mantissa - cut.trailing - cut.prefix)
    // As many symbols as there are exponents to have them, and 256 at most.
    let most = min(256, 1 << (8 * cut.width - 1 - cut.mantissa + cut.prefix) - 3)
    for _ in 0..<count {
      let symbol = random.next() % UInt64(most)
      let field = random.next() & (1 << low - 1)
      let isNegative = cut.signs ? random.next() & 1 == 1 : cut.negative
      let magnitude = ((symbol + 3) << low | field) << UInt64(cut.trailing)
      let word = magnitude | (isNegative ? 1 << UInt64(8 * cut.width - 1) : 0)
      let bytes = (0..<cut.width).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
      words += cut.swapped ? bytes.reversed() : bytes
      symbols.append(UInt8(symbol))
      let stored = cut.signs && isNegative ? field | 1 << low : field
      for bit in 0..<cut.bits {
        if position % 8 == 0 { raw.append(0) }
        raw[position / 8] |= UInt8(stored >> UInt64(bit) & 1) << UInt8(position % 8)
        position += 1
      }
    }
    return (words, symbols, raw)
  }

  @Test(arguments: levels, cuts) func floatsAreCutAndJoined(level: Int32, cut: Cut) {
    var random = Sequence64(UInt64(cut.width))
    var kernel = cut.kernel
    #expect(Int(ck_raw_bits(&kernel)) == cut.bits)
    for count in [0, 1, 7, 8, 9, 15, 16, 17, 31, 33, 100, 1000] {
      let (words, symbols, raw) = StaticKernelTests.floats(count, cut, &random)
      var foundSymbols = [UInt8](repeating: 0xAA, count: count)
      var foundRaw = [UInt8](repeating: 0xAA, count: raw.count + 16)
      ck_cut_floats(level, &kernel, words, count, &foundSymbols, &foundRaw)
      #expect(foundSymbols == symbols)
      #expect(Array(foundRaw[..<raw.count]) == raw)
      let own = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: raw.count)
      _ = own.initialize(from: raw)
      defer { own.deallocate() }
      for first in [0, count / 16 * 8] {
        var out = [UInt8](repeating: 0xAA, count: words.count)
        ck_join_floats(
          level, &kernel, Array(symbols[first...]), own.baseAddress, own.count, first * cut.bits,
          count - first, &out)
        #expect(Array(out[..<(words.count - first * cut.width)]) == Array(words[(first * cut.width)...]))
      }
    }
  }

  @Test(arguments: levels) func countsAreThoseOfTheElements(level: Int32) {
    var random = Sequence64(5)
    for sparsity in [1, 3, 20] as [UInt64] {
      for count in [0, 1, 9, 64, 4096, 5001, 9000] {
        var words: [UInt32] = []
        for _ in 0..<count {
          words.append(random.next() % sparsity == 0 ? UInt32(truncatingIfNeeded: random.next()) : 0)
        }
        var tops = [UInt32](repeating: 0, count: 1 << 14)
        var census = ck_float_census()
        var cut = ck_float_cut()
        cut.width = 4
        cut.mantissa = 23
        tops.withUnsafeMutableBufferPointer { tops in
          census.tops = tops.baseAddress
          ck_count_floats(level, &cut, words, count, &census)
        }
        let nonzeros = words.filter { $0 != 0 }
        #expect(census.nonzeros == UInt64(nonzeros.count))
        #expect(census.negatives == UInt64(nonzeros.filter { $0 >> 31 == 1 }.count))
        #expect(census.combined == UInt64(nonzeros.reduce(0, |)))
        var expected = [UInt32](repeating: 0, count: 1 << 14)
        for word in nonzeros { expected[Int((word << 1) >> 18)] += 1 }
        #expect(tops == expected)
        var bytes = [UInt64](repeating: 0, count: 256)
        for start in stride(from: 0, to: count, by: 8) {
          let bits = words[start..<min(count, start + 8)].enumerated()
          bytes[bits.reduce(0) { $0 | ($1.element != 0 ? 1 << $1.offset : 0) }] += 1
        }
        #expect(withUnsafeBytes(of: census.mask_bytes) { Array($0.bindMemory(to: UInt64.self)) } == bytes)
        // Gaps are left out where more than three in eight are set.
        if sparsity == 1 { #expect(census.gaps_left_out == UInt64(count)) }
        guard census.gaps_left_out == 0 else {
          #expect(sparsity == 1 || count < 64)
          continue
        }
        var gaps = [UInt64](repeating: 0, count: 256)
        for gap in zeroRuns(words) {
          gaps[255] += UInt64(gap / 255)
          gaps[gap % 255] += 1
        }
        #expect(withUnsafeBytes(of: census.gaps) { Array($0.bindMemory(to: UInt64.self)) } == gaps)
      }
    }
  }

  /// The zeros before each non-zero.
  private func zeroRuns(_ words: [UInt32]) -> [Int] {
    var runs: [Int] = []
    var run = 0
    for word in words {
      run += word == 0 ? 1 : 0
      if word != 0 {
        runs.append(run)
        run = 0
      }
    }
    return runs
  }
}
