import Documents
import Files
import Parallel
import Tensors
import Testing

@testable import CSRM

/// Encoding 3, as a whole file has it.
struct StaticTests {
  static func options(_ level: PackOptions.Level = .standard, forced: Bool = false, rows: Int? = nil)
    -> PackOptions
  {
    var options = PackOptions()
    options.level = level
    options.blockRows = rows
    if forced { options.forced = StaticCoding() }
    return options
  }

  /// The parts of floats that an encoder cuts at: which signs there are, mantissa bits that are zero,
  /// exponents from the middle up.
  struct Values: CustomTestStringConvertible {
    var signs = 0...1 as ClosedRange<UInt64>
    var trailing = 0
    var exponents = 12
    var testDescription: String { "signs \(signs), \(trailing) zeros, \(exponents) exponents" }
  }

  /// `count` elements of which about one in `sparsity` is not zero.
  static func bytes(
    _ count: Int, _ type: ElementType, _ values: Values, oneIn sparsity: UInt64, seed: UInt64
  ) -> [UInt8] {
    guard let layout = type.floatLayout else { return [] }
    var random = Sequence64(seed)
    var bytes: [UInt8] = []
    for _ in 0..<count {
      var word: UInt64 = 0
      if random.next() % sparsity == 0 {
        let sign = values.signs.lowerBound + random.next() % UInt64(values.signs.count)
        let exponent = (1 << UInt64(layout.exponentBits - 2)) + random.next() % UInt64(values.exponents)
        let mantissa = random.next() & (layout.mantissaMask &- ((1 << UInt64(values.trailing)) - 1))
        word = (sign * layout.signMask) | exponent << UInt64(layout.mantissaBits) | mantissa
      }
      let little = (0..<type.size).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
      bytes += type.isBigEndian ? little.reversed() : little
    }
    return bytes
  }

  private static let kinds = Models.numberTypes.filter(\.isFloat)
  private static let values = [
    Values(), Values(signs: 0...0), Values(signs: 1...1, exponents: 1), Values(trailing: 5),
    Values(signs: 0...0, trailing: 7, exponents: 2), Values(exponents: 20),
  ]

  /// Every type, every cut, every form of mask, in blocks of all kinds: all come back, whole and by
  /// rows.
  @Test(arguments: kinds, values) func everythingComesBack(type: ElementType, values: Values) throws {
    for (rows, columns) in [(1, 1), (3, 7), (5, 64), (40, 33), (9, 300)] {
      for sparsity in [1, 2, 10, 60, 700] as [UInt64] {
        let bytes = StaticTests.bytes(rows * columns, type, values, oneIn: sparsity, seed: 3)
        for blockRows in [nil, 2] {
          let options = StaticTests.options(forced: true, rows: blockRows)
          let container = Models.container(type, [rows, columns], bytes)
          let packed = try Models.packed(container, options)
          #expect(try Packer.measure(container, options: options).totalBytes == packed.count)
          let file = try Models.open(packed)
          #expect(file.verify().isWhole)
          let entry = try #require(file.entries.last)
          #expect(entry.encoding == .static || bytes.allSatisfy { $0 == bytes[0] } || entry.count == 1)
          #expect(try Models.values(file.container()) == bytes)
          let last = try file.tensorBytes("x", rows: rows - 1..<rows).source.bytes()
          #expect(last == Array(bytes.suffix(columns * type.size)))
        }
      }
    }
  }

  /// The bytes are those of every level of instructions, and of any number of threads.
  @Test func threadsMakeNoDifference() throws {
    let threads = Parallel.threads
    defer { Parallel.threads = threads }
    let bytes = StaticTests.bytes(200_000, .float32, Values(), oneIn: 9, seed: 8)
    let container = Models.container(.float32, [2000, 100], bytes)
    let files = try [1, 2, 7].map { threads in
      Parallel.threads = threads
      return try Models.packed(container, StaticTests.options(rows: 150))
    }
    #expect(files[0] == files[1])
    #expect(files[0] == files[2])
  }

  private static func form(_ file: PackedFile) throws -> StaticCoding.MaskForm? {
    guard let entry = file.entries.last, entry.encoding == .static, let layout = entry.type.floatLayout
    else { return nil }
    return try StaticCoding.Plan(entry.parameters, layout).form
  }

  /// The form of the mask is the one that is smallest.
  @Test func maskFormsAreChosenBySize() throws {
    for (sparsity, form) in [
      (1, .none), (2, .bits), (5, .bytes),
    ] as [(UInt64, StaticCoding.MaskForm)] {
      let bytes = StaticTests.bytes(60_000, .float32, Values(), oneIn: sparsity, seed: 4)
      let packed = try Models.packed(
        Models.container(.float32, [60, 1000], bytes), StaticTests.options(forced: true))
      #expect(try StaticTests.form(Models.open(packed)) == form, "one in \(sparsity)")
    }
    // As far apart as can be: hardly a bit a gap.
    var even = StaticTests.bytes(60_000, .float32, Values(), oneIn: 1, seed: 4)
    for element in 0..<60_000 where element % 37 != 5 {
      even.replaceSubrange(element * 4..<element * 4 + 4, with: [0, 0, 0, 0])
    }
    let apart = try Models.packed(
      Models.container(.float32, [60, 1000], even), StaticTests.options(forced: true))
    #expect(try StaticTests.form(Models.open(apart)) == .gaps)
    // Whole rows that are there or not: two bytes of mask, however dense.
    let rows = (0..<200).flatMap { row in
      StaticTests.bytes(
        500, .float32, Values(), oneIn: row % 3 == 0 ? 1 : 1 << 40, seed: UInt64(row))
    }
    let packed = try Models.packed(
      Models.container(.float32, [200, 500], rows), StaticTests.options(forced: true))
    #expect(try StaticTests.form(Models.open(packed)) == .bytes)
  }

  /// Normal values cut at a threshold, as pruning leaves them: no more than the zeroth-order limit
  /// (format.md, 2), and six in a thousand for tables and states.
  @Test(arguments: [0.5, 0.8, 0.9, 0.95, 0.98, 0.99]) func sizesAreNearTheLimit(sparsity: Double) throws {
    var random = Sequence64(5)
    func uniform() -> Double { Double(random.next() >> 11) / 9_007_199_254_740_992 }
    // Sums of twelve uniform numbers are near enough to normal ones.
    let floats = (0..<150_000).map { _ in
      Float(((0..<12).reduce(0) { sum, _ in sum + uniform() } - 6) / 20)
    }
    let threshold = floats.map(\.magnitude).sorted()[Int(sparsity * 150_000)]
    let bytes = floats.flatMap { value in
      withUnsafeBytes(of: (value.magnitude < threshold ? 0 : value).bitPattern) { Array($0) }
    }
    let summary = try Packer.measure(
      Models.container(.float32, [150, 1000], bytes), options: StaticTests.options(forced: true))
    let tensor = try #require(summary.tensors.first)
    let limit = try #require(try ZerothOrderLimit(of: MemoryBytes(bytes), type: .float32)).bytes
    #expect(tensor.encoding == .static)
    #expect(Double(tensor.storedBytes) < 1.006 * limit)
    // What is expected is what is stored, to a few in a thousand.
    let scan = try TensorScan(
      MemoryBytes(bytes),
      Geometry(elementSize: 4, count: 150_000, rows: 150, columns: 1000), type: .float32,
      canonicalZero: false, checksums: false, census: true)
    let census = try #require(scan.census)
    let expected = try #require(StaticCoding.Plan.best(for: census, blocks: 1)).expectedBytes
    #expect(abs(Double(expected) / Double(tensor.codedBytes) - 1) < 0.01)
  }

  /// To 1/65,536, rounded down; what comes out must not depend on a machine's mathematics.
  @Test func logarithmsAreThoseToBaseTwo() {
    for (value, logarithm) in [
      (1, 0), (2, 1), (3, 1.584962500721156), (5, 2.321928094887362), (1000, 9.965784284662087),
      (12_345, 13.591639216030142), (16_383, 13.999911942195428), (16_384, 14),
    ] as [(Int, Double)] {
      let found = Double(BinaryLogarithm.of(value)) / 65536
      #expect(found <= logarithm && found > logarithm - 0x1p-15, "\(value)")
    }
  }

  /// Exponents over more than 256 values of the upper part are for others.
  @Test func whatSpansTooMuchIsStoredOtherwise() throws {
    let bytes = StaticTests.bytes(5000, .float64, Values(exponents: 300), oneIn: 3, seed: 6)
    let packed = try Models.packed(
      Models.container(.float64, [50, 100], bytes), StaticTests.options(forced: true))
    let file = try Models.open(packed)
    #expect(file.entries.last?.encoding == .bitmask)
    #expect(try Models.values(file.container()) == bytes)
  }

  /// Clearing -0.0 is seen by counts and coders alike, and what it saves is told to the byte.
  @Test func negativeZerosAreKeptOrCleared() throws {
    var bytes = StaticTests.bytes(60_000, .float32, Values(), oneIn: 4, seed: 7)
    for element in stride(from: 0, to: 60_000, by: 2) where bytes[element * 4..<element * 4 + 4].allSatisfy({ $0 == 0 }) {
      bytes[element * 4 + 3] = 0x80
    }
    let container = Models.container(.float32, [200, 300], bytes)
    let kept = try Packer.measure(container, options: StaticTests.options())
    #expect(try Models.values(Models.open(Models.packed(container, StaticTests.options())).container()) == bytes)
    var options = StaticTests.options()
    options.canonicalZero = true
    let cleared = try Packer.measure(container, options: options)
    let file = try Models.open(Models.packed(container, options))
    #expect(file.verify().isWhole)
    let expected = stride(from: 0, to: bytes.count, by: 4).flatMap { start -> [UInt8] in
      let element = Array(bytes[start..<start + 4])
      return element == [0, 0, 0, 0x80] ? [0, 0, 0, 0] : element
    }
    #expect(try Models.values(file.container()) == expected)
    let (before, after) = (try #require(kept.tensors.first), try #require(cleared.tensors.first))
    #expect(before.negativeZeros > 20_000)
    #expect(after.storedBytes < before.storedBytes)
    // Parameters are in the directory, and no more than a kilobyte.
    #expect(abs(before.canonicalZeroSaving - (before.storedBytes - after.storedBytes)) < 1000)
  }

  /// A file says which version it takes to read it.
  @Test func versionsAreAsLowAsTheyCanBe() throws {
    let bytes = StaticTests.bytes(5000, .float32, Values(), oneIn: 3, seed: 6)
    let container = Models.container(.float32, [50, 100], bytes)
    #expect(try Models.packed(container, StaticTests.options(.fast))[10] == 0)
    #expect(try Models.packed(container, StaticTests.options(.standard))[10] == 1)
    let integers = Models.container(ElementType(.int32), [50, 100], bytes)
    #expect(try Models.packed(integers, StaticTests.options(.max))[10] == 0)
  }
}
