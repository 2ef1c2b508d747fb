import Tensors
import Testing

@testable import CSRM

/// Entries and blocks of encoding 3 that no writer makes, with every checksum right.
struct StaticRefusalTests {
  /// Two float32 in one block without a mask: 1.0 and 2.0. Symbols are exponents, so the raw fields
  /// are sign and 23 bits of nothing.
  private static func good() -> Crafted.Part {
    var part = Crafted.Part()
    part.encoding = 3
    part.parameters = [0, 0, 0, 0, 127] + table([0: 1 << 13, 1: 1 << 13])
    var frequencies = [UInt16](repeating: 0, count: 256)
    frequencies[0] = 1 << 13
    frequencies[1] = 1 << 13
    part.blocks = [StaticKernelTests.reference([0, 1], frequencies) + [0, 0, 0, 0, 0, 0]]
    part.checksum = Checksum.of([0, 0, 0x80, 0x3F, 0, 0, 0, 0x40])
    return part
  }

  private static func varint(_ value: Int) -> [UInt8] {
    var out = FieldWriter()
    out.varint(value)
    return out.bytes
  }

  /// A table with these frequencies, as csrm(5) stores it.
  static func table(_ frequencies: [Int: Int]) -> [UInt8] {
    var bytes: [UInt8] = []
    var symbol = 0
    while symbol < 256 {
      let frequency = frequencies[symbol] ?? 0
      bytes += varint(frequency)
      symbol += 1
      guard frequency == 0 else { continue }
      let next = (symbol..<256).first { frequencies[$0] != nil } ?? 256
      bytes += varint(next - symbol)
      symbol = next
    }
    return bytes
  }

  /// A file with the tensor above, changed.
  static func file(_ change: (inout Crafted.Part) -> Void) -> [UInt8] {
    var crafted = Crafted()
    crafted.header.minor = 1
    crafted.parts[0] = StaticRefusalTests.good()
    change(&crafted.parts[0])
    return crafted.bytes
  }

  private func refused(_ change: (inout Crafted.Part) -> Void) -> Bool {
    guard let file = try? Models.open(StaticRefusalTests.file(change)) else { return true }
    return !file.verify().isWhole
  }

  @Test func theUnchangedFileIsGood() throws {
    var crafted = Crafted()
    crafted.parts[0] = StaticRefusalTests.good()
    let file = try Models.open(crafted.bytes)
    #expect(file.verify().isWhole)
    #expect(try file.tensorBytes("x").source.bytes() == [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40])
  }

  @Test func parameters() {
    let table = StaticRefusalTests.table
    let two = table([0: 1 << 13, 1: 1 << 13])
    #expect(!refused { $0.parameters = [0, 0, 0, 0, 127] + two })
    #expect(refused { $0.parameters = [] })
    #expect(refused { $0.parameters += [0] })
    #expect(refused { $0.parameters.removeLast() })
    #expect(refused { $0.parameters[0] = 4 })
    #expect(refused { $0.parameters[1] = 3 })
    // 24 bits of a mantissa of 23.
    #expect(refused { $0.parameters[2] = 24 })
    #expect(refused { $0.parameters[3] = 24 })
    #expect(
      refused {
        $0.parameters[2] = 12
        $0.parameters[3] = 12
      })
    // Symbol 1 would be exponent 256.
    #expect(refused { $0.parameters = [0, 0, 0, 0, 255, 1] + two })
    #expect(refused { $0.parameters = [0, 0, 0, 0, 127] + table([0: 1 << 13, 1: 1 << 12]) })
    #expect(refused { $0.parameters = [0, 0, 0, 0, 127] + table([0: 1 << 13, 1: 1 << 14]) })
    #expect(refused { $0.parameters = [0, 0, 0, 0, 127] + table([:]) })
    // Zeros counted past the last symbol, in two runs, and not to the end.
    let head: [UInt8] = [0, 0, 0, 0, 127, 0x80, 0x40, 0x80, 0x40]
    #expect(!refused { $0.parameters = head + [0, 0xFD, 0x01] })
    #expect(refused { $0.parameters = head + [0, 0xFE, 0x01] })
    #expect(refused { $0.parameters = head + [0, 3, 0, 0xF9, 0x01] })
    #expect(refused { $0.parameters = head + [0, 0xFC, 0x01] })
    #expect(refused { $0.code = ElementType.Kind.int32.rawValue })
    // A mask table where there is none, and none where there must be one.
    #expect(refused { $0.parameters += two })
    #expect(refused { $0.parameters[0] = 2 })
    #expect(
      refused {
        $0.shape = [3]
        $0.blockElements = 3
      })
  }

  @Test func blocks() {
    #expect(refused { $0.blocks[0].removeLast() })
    #expect(refused { $0.blocks[0].append(0) })
    #expect(refused { $0.blocks[0] += [0, 0] })
    #expect(refused { $0.blocks = [[1]] })
    // A state that is not where the encoder began.
    #expect(refused { $0.blocks[0][127] ^= 1 })
    // All bits are set in the form of a mask of bits, which needs none; then one is missing.
    func masked(_ head: [UInt8]) -> Bool {
      refused {
        $0.parameters[0] = 1
        $0.shape = [3]
        $0.blockElements = 3
        $0.decoded = 12
        $0.checksum = Checksum.of([0, 0, 0x80, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0x40])
        $0.blocks[0] = head + $0.blocks[0]
      }
    }
    #expect(!masked([2, 0b101]))
    #expect(masked([2, 0b111]))
    #expect(masked([2, 0b001]))
    #expect(masked([2, 0b1101]))
    #expect(masked([3]))
    #expect(masked([4, 0b101]))
    #expect(masked([0x80, 0, 0b101]))
    #expect(masked([2, 0b011]))
  }

  /// Gaps that lead behind the last element, and gaps that no writer makes.
  @Test func gaps() {
    func gaps(_ gaps: [UInt8], _ number: Int? = nil) -> Bool {
      refused {
        let both = [Int(254): 1 << 12, 255: 1 << 12, 0: 1 << 12, 9: 1 << 12]
        var frequencies = [UInt16](repeating: 0, count: 256)
        for (symbol, frequency) in both { frequencies[symbol] = UInt16(frequency) }
        let stream = StaticKernelTests.reference(gaps, frequencies)
        $0.parameters[0] = 3
        $0.parameters += StaticRefusalTests.table(both)
        $0.shape = [300]
        $0.blockElements = 300
        $0.decoded = 1200
        // 1.0 at element 9, and 2.0 at 9 + 1 + 255 + 9 = 274.
        var decoded = [UInt8](repeating: 0, count: 1200)
        decoded.replaceSubrange(36..<40, with: [0, 0, 0x80, 0x3F])
        decoded.replaceSubrange(274 * 4..<275 * 4, with: [0, 0, 0, 0x40])
        $0.checksum = Checksum.of(decoded)
        $0.blocks[0] =
          [2] + StaticRefusalTests.varint(number ?? gaps.count)
          + StaticRefusalTests.varint(stream.count) + stream + $0.blocks[0]
      }
    }
    #expect(!gaps([9, 255, 9]))
    #expect(gaps([9, 9]))
    #expect(gaps([9]))
    #expect(gaps([9, 255, 254]))
    #expect(gaps([255, 255]))
    #expect(gaps([9, 9, 255]))
    #expect(gaps([9, 255, 9, 0]))
    #expect(gaps([9, 255, 9], 2))
    #expect(gaps([9, 255, 9], 4))
    #expect(gaps([9, 255, 9], 0))
  }

  /// A few bytes may say that a block is large; no more is held than that.
  @Test func aBlockOfOneSymbolIsReadInItsOwnSize() throws {
    var crafted = Crafted()
    crafted.parts[0] = StaticRefusalTests.good()
    let count = 1 << 20
    var frequencies = [UInt16](repeating: 0, count: 256)
    frequencies[0] = 1 << 14
    // Signs all clear, 23 bits zero: nothing is left to be raw.
    crafted.parts[0].parameters = [0, 1, 23, 0, 127] + StaticRefusalTests.table([0: 1 << 14])
    crafted.parts[0].shape = [UInt64(count)]
    crafted.parts[0].nonzeros = UInt64(count)
    crafted.parts[0].blockElements = UInt64(count)
    crafted.parts[0].blocks = [
      StaticKernelTests.reference([UInt8](repeating: 0, count: 64), frequencies)
    ]
    crafted.parts[0].decoded = 4 * count
    let ones = (0..<count).flatMap { _ in [0, 0, 0x80, 0x3F] as [UInt8] }
    crafted.parts[0].checksum = Checksum.of(ones)
    #expect(try Models.open(crafted.bytes).verify().isWhole)
  }
}
