import CKernels
import Files
import Tensors
import Testing

@testable import CSRM

/// Encodings 4 and 5: whatever the elements, they come back.
struct AdaptiveTests {
  typealias Coder = AdaptiveTrial.Coder
  static let floats = Models.numberTypes.filter(\.isFloat)
  static let integers = Models.numberTypes.filter { !$0.isFloat && $0.size <= 4 }
  /// Every rank up to 5, axes of one element, one element, rows that are longer than a block.
  static let shapes: [[Int]] = [
    [], [1], [7], [300], [1, 1], [9, 1], [1, 9], [30, 20], [100, 9], [3, 5, 7], [2, 1, 40],
    [3, 3, 4, 6], [5, 1, 3, 8], [1, 1, 16, 12], [3, 3, 9, 1], [2, 3, 3, 2, 5],
  ]

  static func words(_ words: [UInt64], _ type: ElementType) -> [UInt8] {
    words.flatMap { word -> [UInt8] in
      let little = (0..<type.size).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
      return type.isBigEndian ? little.reversed() : little
    }
  }

  @Test(arguments: Coder.allCases, floats) func floatsComeBack(coder: Coder, type: ElementType) throws {
    let values = [
      StaticTests.Values(), .init(signs: 0...0, exponents: 2), .init(trailing: 5, exponents: 20),
      .init(exponents: 60),
    ]
    for (seed, shape) in AdaptiveTests.shapes.enumerated() {
      let count = shape.reduce(1, *)
      for sparsity in [1, 2, 10, 60, 1 << 40] as [UInt64] {
        let bytes = StaticTests.bytes(
          count, type, values[seed % values.count], oneIn: sparsity, seed: UInt64(seed))
        for block in Set([count, (count + 1) / 2, min(count, (shape.last ?? 1) * 2)]) {
          let trial = AdaptiveTrial(coder, type, shape, blockElements: block)
          let blocks = try trial.encoded(bytes)
          #expect(try trial.decoded(blocks) == bytes, "\(shape) one in \(sparsity), blocks of \(block)")
        }
      }
    }
  }

  /// NaNs with payloads, infinities, subnormals, -0.0 among zeros, all of them beside each other and
  /// alone; and bits that are no numbers anybody would write.
  @Test(arguments: Coder.allCases, floats) func everyBitIsKept(coder: Coder, type: ElementType) throws {
    let layout = try #require(type.floatLayout)
    let sign = layout.signMask, exponent = layout.exponentMask
    let one = (1 << UInt64(layout.exponentBits - 1) - 1) << UInt64(layout.mantissaBits) as UInt64
    let special = [
      0, sign, 1, sign | 1, layout.mantissaMask, exponent, sign | exponent, exponent | 1,
      sign | exponent | layout.mantissaMask, exponent - 1, one, sign | one, one | 5,
    ]
    var random = Sequence64(11)
    var mixtures = [special, special + special.reversed()]
    for word in special { mixtures += [[word], [word, word], [0, word, 0, 0, word], [sign, word]] }
    mixtures.append((0..<400).map { _ in special[Int(random.next() % UInt64(special.count))] })
    mixtures.append((0..<400).map { _ in random.next() & (sign | exponent | layout.mantissaMask) })
    mixtures.append((0..<400).map { _ in random.next() % 3 == 0 ? sign : 0 })
    mixtures.append((0..<400).map { _ in random.next() % 9 == 0 ? one : random.next() & 1 * sign })
    for mixture in mixtures {
      for shape in [[mixture.count], [1, mixture.count], [mixture.count, 1]] {
        let bytes = AdaptiveTests.words(mixture, type)
        let trial = AdaptiveTrial(coder, type, shape)
        #expect(try trial.decoded(trial.encoded(bytes)) == bytes)
      }
    }
  }

  /// Integers go through the coders as the floats that they are: those of a few levels, and any bits.
  @Test(arguments: Coder.allCases, integers) func integersComeBack(coder: Coder, type: ElementType) throws {
    var random = Sequence64(12)
    let bits = UInt64(8 * type.size)
    let extremes = [0, 1, 2, 1 << (bits - 1), (1 << (bits - 1)) - 1, .max, .max - 1] as [UInt64]
    for shape in AdaptiveTests.shapes {
      let count = shape.reduce(1, *)
      let levels = (0..<count).map { _ in random.next() % 4 == 0 ? random.next() % 15 &- 7 : 0 }
      let any = (0..<count).map { _ in random.next() }
      let mixture = (0..<count).map { _ in extremes[Int(random.next() % 7)] }
      for words in [levels, any, mixture] {
        let bytes = AdaptiveTests.words(words, type)
        let trial = AdaptiveTrial(coder, type, shape)
        #expect(try trial.decoded(trial.encoded(bytes)) == bytes, "\(shape)")
      }
    }
  }

  /// What cannot be coded shorter takes a byte more than it has, and nothing else.
  @Test(arguments: Coder.allCases) func noiseIsStoredAsItIs(coder: Coder) throws {
    var random = Sequence64(13)
    let bytes = (0..<4000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    for (type, shape) in [(.float32, [20, 50]), (.float16, [2000]), (ElementType(.int32), [1000])]
      as [(ElementType, [Int])]
    {
      let trial = AdaptiveTrial(coder, type, shape)
      let blocks = try trial.encoded(bytes)
      #expect(blocks == [[0] + bytes])
      #expect(try trial.decoded(blocks) == bytes)
    }
  }

  /// A mask that was multiplied with leaves -0.0: a bit for each, not a float.
  @Test(arguments: Coder.allCases) func negativeZerosTakeABit(coder: Coder) throws {
    var random = Sequence64(14)
    let clean = StaticTests.bytes(20_000, .float32, .init(), oneIn: 10, seed: 14)
    var negative = clean
    var zeros = 0
    for element in 0..<20_000 where clean[element * 4..<element * 4 + 4].allSatisfy({ $0 == 0 }) {
      zeros += 1
      if random.next() & 1 == 1 { negative[element * 4 + 3] = 0x80 }
    }
    let trial = AdaptiveTrial(coder, .float32, [100, 200])
    let more = try trial.encoded(negative)[0].count - trial.encoded(clean)[0].count
    #expect(abs(Double(more) / (Double(zeros) / 8) - 1) < 0.02)
    #expect(try trial.decoded(trial.encoded(negative)) == negative)
  }

  /// A whole file of them, read by rows too, in which measuring says what packing writes.
  @Test(arguments: Coder.allCases, [nil, 2]) func filesComeBack(coder: Coder, rows: Int?) throws {
    var options = PackOptions()
    options.forced = coder == .small ? SmallCoding() : MixedCoding()
    options.blockRows = rows
    for (shape, type) in [([30, 40], .float32), ([3, 3, 6, 8], .bfloat16), ([777], .float64)]
      as [([Int], ElementType)]
    {
      let count = shape.reduce(1, *)
      let bytes = StaticTests.bytes(count, type, .init(), oneIn: 5, seed: 15)
      let container = Models.container(type, shape, bytes)
      let packed = try Models.packed(container, options)
      #expect(try Packer.measure(container, options: options).totalBytes == packed.count)
      let file = try Models.open(packed)
      #expect(file.verify().isWhole)
      #expect(file.entries.last?.encoding == (coder == .small ? .small : .mixed))
      #expect(try Models.values(file.container()) == bytes)
      let rows = try #require(file.entries.last).rows
      let row = bytes.count / rows
      #expect(try file.tensorBytes("x", rows: 2..<3).source.bytes() == Array(bytes[2 * row..<3 * row]))
    }
  }

  /// The tables against the functions that they stand for, from a computation of our own: at most
  /// 0.8 % off between corners a quarter apart.
  @Test func tablesAreThoseFunctions() {
    func exponential(_ x: Double) -> Double {
      // e^x by its series, halved until it converges quickly.
      let small = x / 1024
      var power = 1 + small + small * small / 2 + small * small * small / 6
      for _ in 0..<10 { power *= power }
      return power
    }
    let tables = Logistic.tables.pointee
    withUnsafeBytes(of: tables.squash) { raw in
      let squash = raw.bindMemory(to: UInt16.self)
      for place in 0..<4096 {
        let exact = 65536 / (1 + exponential(-(Double(place) - 2048) / 256))
        #expect(abs(Double(squash[place]) - exact) <= 1 + 0.008 * min(exact, 65536 - exact))
      }
      withUnsafeBytes(of: tables.stretch) { raw in
        let stretch = raw.bindMemory(to: Int16.self)
        for step in 0..<4096 {
          let place = Int(stretch[step]) + 2048
          #expect(squash[place] >= 16 * step + 8 || place == 4095)
          #expect(place == 0 || squash[place - 1] < 16 * step + 8)
        }
      }
    }
    withUnsafeBytes(of: tables.share) { raw in
      for (count, share) in raw.bindMemory(to: UInt16.self).enumerated() {
        #expect(Int(share) == Int(65536 / (Double(count) + 1.6)))
      }
    }
  }
}
