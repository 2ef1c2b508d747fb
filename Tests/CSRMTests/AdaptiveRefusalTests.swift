import Tensors
import Testing

@testable import CSRM

/// Blocks of encodings 4 and 5 that no writer makes: refused or survived, never more.
struct AdaptiveRefusalTests {
  typealias Coder = AdaptiveTrial.Coder

  /// A tensor with something of everything, in some fifty bytes.
  private static func tensor(_ coder: Coder, _ type: ElementType) throws -> (AdaptiveTrial, [UInt8]) {
    let shape = coder == .small ? [36] : [9, 4]
    var bytes = StaticTests.bytes(36, type, .init(exponents: 4), oneIn: 3, seed: 21)
    for element in stride(from: 0, to: 36, by: 7)
    where bytes[element * type.size..<(element + 1) * type.size].allSatisfy({ $0 == 0 }) {
      bytes[element * type.size + (type.isBigEndian ? 0 : type.size - 1)] = 0x80
    }
    return (AdaptiveTrial(coder, type, shape), bytes)
  }

  private static let types: [ElementType] = [
    .float32, .bfloat16, ElementType(.float16, bigEndian: true),
  ]

  /// Every byte with every other value. The end of a payload is where its two streams meet, so hardly
  /// any of them passes. What comes back as what was stored are the last bytes that name a number in
  /// the last interval: others may do so as well.
  @Test(arguments: Coder.allCases, types) func changedBytesAreSurvived(coder: Coder, type: ElementType) throws {
    let (trial, bytes) = try AdaptiveRefusalTests.tensor(coder, type)
    let good = try trial.encoded(bytes)[0]
    #expect(good[0] != 0 && good.count < bytes.count)
    var changed = good
    var refused = 0
    var places: Set<Int> = []
    for index in good.indices {
      for value in UInt8.min...UInt8.max where value != good[index] {
        changed[index] = value
        do {
          if try trial.decoded([changed]) == bytes { places.insert(index) }
        } catch { refused += 1 }
      }
      changed[index] = good[index]
    }
    #expect(places.count <= 2)
    // Where a payload ends follows from all of it.
    #expect(refused > good.count * 255 / 3)
  }

  @Test(arguments: Coder.allCases, types) func cutBlocksAreRefused(coder: Coder, type: ElementType) throws {
    let (trial, bytes) = try AdaptiveRefusalTests.tensor(coder, type)
    let good = try trial.encoded(bytes)[0]
    for length in 1..<good.count {
      #expect((try? trial.decoded([Array(good[..<length])])) != bytes)
    }
    #expect((try? trial.decoded([good + [0]])) != bytes)
    #expect((try? trial.decoded([good + good])) != bytes)
  }

  /// Heads followed by anything at all.
  @Test(arguments: Coder.allCases) func bytesOfAnythingAreSurvived(coder: Coder) {
    var random = Sequence64(22)
    let types: [ElementType] = [.float32, .float64, .float16, ElementType(.int8), ElementType(.uint32)]
    for round in 0..<3000 {
      let type = types[round % types.count]
      let shape = [[500], [25, 20], [3, 3, 7, 8], [9, 1, 50]][round / types.count % 4]
      let form = UInt8(truncatingIfNeeded: random.next() & 15 | 1)
      let head = [form, UInt8(random.next() % 128), UInt8(random.next() % 128), UInt8(random.next() % 64)]
      let length = Int(random.next() % 300)
      let filling = [0, 0xFF, nil, nil][Int(random.next() % 4)] as UInt8?
      let rest = (0..<length).map { _ in filling ?? UInt8(truncatingIfNeeded: random.next()) }
      _ = try? AdaptiveTrial(coder, type, shape).decoded([head + rest])
    }
  }

  /// Four elements, 1.0, 0, 0 and 2.0, and the same as integers.
  private static func four(_ coder: Coder, _ type: ElementType) -> (AdaptiveTrial, [UInt8]) {
    let words: [UInt64] = type.isFloat ? [0x3F80_0000, 0, 0, 0x4000_0000] : [1, 0, 0, 2]
    return (AdaptiveTrial(coder, type, [4]), AdaptiveTests.words(words, type))
  }

  /// Whether they come back once something about the block was changed.
  private static func head(
    _ coder: Coder, _ type: ElementType, _ change: (inout [UInt8]) -> Void
  ) throws -> Bool {
    let (trial, bytes) = four(coder, type)
    var block = try trial.encoded(bytes)[0]
    change(&block)
    return (try? trial.decoded([block])) == bytes
  }

  @Test(arguments: Coder.allCases) func headsAreChecked(coder: Coder) throws {
    let isGood = AdaptiveRefusalTests.head
    // 1 + 4: mantissas that end in 23 zeros; two values; greatest class 128, one below it.
    let (floats, values) = AdaptiveRefusalTests.four(coder, .float32)
    #expect(try floats.encoded(values)[0].prefix(6) == [5, 2, 0x80, 1, 1, 23])
    #expect(try isGood(coder, .float32) { _ in })
    #expect(try !isGood(coder, .float32) { $0[0] = 4 })
    #expect(try !isGood(coder, .float32) { $0[0] = 0 })
    for bit in 4..<8 { #expect(try !isGood(coder, .float32) { $0[0] |= 1 << bit }) }
    #expect(try !isGood(coder, .float32) { $0[1] = 5 })
    #expect(try !isGood(coder, .float32) { $0[1] = 0 })
    #expect(try !isGood(coder, .float32) { $0[1...1] = [0x82, 0] })
    #expect(try !isGood(coder, .float32) { $0[2...3] = [0x80, 2] })
    #expect(try !isGood(coder, .float32) { $0[4...4] = [0x81, 1] })
    #expect(try !isGood(coder, .float32) { $0[5] = 24 })
    #expect(try !isGood(coder, .float32) { $0[5] = 0 })
    #expect(try !isGood(coder, .float32) { $0.removeSubrange(1...) })
    #expect(try !isGood(coder, .float32) { $0.removeSubrange(4...) })
    let (integers, levels) = AdaptiveRefusalTests.four(coder, ElementType(.int16))
    #expect(try integers.encoded(levels)[0].prefix(4) == [1, 2, 2, 1])
    #expect(try isGood(coder, ElementType(.int16)) { _ in })
    // No integer is -0.0, or ends in zeros that all do.
    #expect(try !isGood(coder, ElementType(.int16)) { $0[0] = 3 })
    #expect(try !isGood(coder, ElementType(.int16)) { $0[0] = 5 })
    #expect(try !isGood(coder, ElementType(.int16)) { $0[2] = 17 })
  }

  @Test func lagsAreForMatricesAlone() throws {
    func survives(_ shape: [Int], _ lag: [UInt8], form: UInt8 = 9) -> Bool {
      let trial = AdaptiveTrial(.mixed, .float32, shape)
      let count = shape.reduce(1, *)
      let bytes = StaticTests.bytes(count, .float32, .init(), oneIn: 3, seed: 23)
      guard var block = try? trial.encoded(bytes)[0], block[0] == 1 else { return false }
      // V and span take one byte, the greatest class one: 1 + 3.
      block[0] = form
      block.insert(contentsOf: lag, at: 4)
      // Other neighbours are other predictions: what matters is whether the head is taken.
      do throws(Malformed) {
        _ = try trial.decoded([block])
        return true
      } catch {
        return error.what.contains("coded block") == false
      }
    }
    // The same lag that is meant anyway, none at all, and one in a kernel.
    #expect(!survives([12, 10], [2]))
    #expect(!survives([12, 10], [0]))
    #expect(!survives([3, 3, 4, 5], [3]))
    #expect(!survives([12, 10], [0x80, 0x80, 0x80, 0x80, 0x08]))
  }

  @Test func entriesAreChecked() {
    func passes(
      _ coder: Coder, _ type: ElementType, _ shape: [Int], parameters: [UInt8] = [], block: Int? = nil
    ) -> Bool {
      let trial = AdaptiveTrial(coder, type, shape, blockElements: block)
      let blocks = (0..<trial.geometry.blockCount).map { _ in [1, 0] as [UInt8] }
      return (try? trial.coding.check(trial.entry(blocks, parameters: parameters))) != nil
    }
    for coder in Coder.allCases {
      #expect(passes(coder, .float32, [4, 5]))
      #expect(!passes(coder, .float32, [4, 5], parameters: [0]))
      #expect(!passes(coder, ElementType(.int64), [4, 5]))
      #expect(!passes(coder, .opaque(size: 4), [4, 5]))
      #expect(!passes(coder, .float32, [1 << 26]))
    }
    #expect(passes(.mixed, .float32, [1 << 22]))
    #expect(!passes(.mixed, .float32, [1 << 22 + 1]))
    #expect(passes(.mixed, .float32, [1 << 24], block: 1 << 22))
    #expect(passes(.small, .float32, [1 << 24]))
  }

  /// A few bytes that claim many elements are found out when they are used up.
  @Test(arguments: Coder.allCases) func fewBytesAreNotManyValues(coder: Coder) {
    let trial = AdaptiveTrial(coder, .float32, [1 << 11, 1 << 11])
    // All 2^22 are values, of classes 255 to 0.
    let head: [UInt8] = [1, 0x80, 0x80, 0x80, 2, 0xFF, 1, 0xFF, 1]
    for filling in [0, 0x55, 0xFF] as [UInt8] {
      #expect(throws: Malformed.self) {
        try trial.decoded([head + [UInt8](repeating: filling, count: 40)])
      }
    }
  }
}
