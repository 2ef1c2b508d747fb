import Documents
import Files
import Tensors
import Testing

@testable import CSRM

/// Encoding 8: small tensors that are coded together.
struct PoolTests {
  /// Vectors and small matrices of two types, what is constant among them, and what is not small.
  private static func container() -> Container {
    func floats(_ type: ElementType, _ shape: [Int], _ seed: UInt64, oneIn sparsity: UInt64 = 1) -> Dataset {
      Models.dataset(
        type, shape,
        MemoryBytes(
          StaticTests.bytes(
            shape.reduce(1, *), type, .init(exponents: 5), oneIn: sparsity, seed: seed)))
    }
    let half = ElementType(.float16, bigEndian: true)
    var datasets: [(Name, Dataset)] = (0..<20).map { number in
      (Name("bias\(number)"), floats(.float32, [50 + number], UInt64(number)))
    }
    datasets += (0..<9).map { (Name("half\($0)"), floats(half, [3, 3, 50], UInt64($0), oneIn: 2)) }
    datasets += [
      ("kernel", floats(.float32, [30, 40], 1, oneIn: 5)),
      ("scalar", floats(.float32, [], 2)),
      ("alone", floats(.float64, [100], 3)),
      ("zeros", Models.dataset(.float32, [77], RepeatedBytes([0], times: 308))),
      ("empty", Models.dataset(.float32, [0], MemoryBytes([]))),
      ("integers", Models.dataset(ElementType(.int32), [50], RepeatedBytes([1, 2, 3, 4, 5], times: 40))),
    ]
    return Models.container(datasets)
  }

  @Test func smallTensorsComeBackFromTheirPools() throws {
    let container = PoolTests.container()
    let options = StaticTests.options()
    let packed = try Models.packed(container, options)
    let summary = try Packer.measure(container, options: options)
    #expect(summary.totalBytes == packed.count)
    let file = try Models.open(packed)
    #expect(file.verify().isWhole)
    #expect(try Described.lines(file.container()) == Described.lines(container))
    #expect(file.entries.filter { $0.kind == .pool }.map(\.name) == ["float16-be", "float32"])
    func encoding(_ name: String) -> Encoding? { file.entries.first { $0.name == name }?.encoding }
    for name in ["bias0", "bias19", "half0", "scalar"] { #expect(encoding(name) == .pooled, "\(name)") }
    for name in ["kernel", "alone", "zeros", "empty", "integers"] {
      #expect(encoding(name) != .pooled, "\(name)")
    }
    // One at a time, in parts, in any order; from a file that nothing was read of yet.
    let fresh = try Models.open(packed)
    for number in (0..<20).reversed() {
      let all = StaticTests.bytes(
        50 + number, .float32, .init(exponents: 5), oneIn: 1, seed: UInt64(number))
      let part = try fresh.tensorBytes("bias\(number)", rows: 10..<30).source.bytes()
      #expect(part == Array(all[40..<120]))
      #expect(try fresh.tensorBytes("bias\(number)").source.bytes() == all)
    }
    // What the members have of the pool is the pool.
    let pool = try #require(file.entries.last { $0.kind == .pool })
    let shares = summary.tensors.filter { $0.encoding == .pooled && $0.type == .float32 }
    #expect(shares.reduce(0) { $0 + $1.storedBytes } == pool.storedBytes)
    #expect(shares.count == 21)
  }

  @Test func poolsAreMadeOnlyWhereTheyMakeTheFileSmaller() throws {
    let container = PoolTests.container()
    let together = try Models.packed(container, StaticTests.options()).count
    var alone = StaticTests.options()
    // Blocks of the user's own choice are not given up for pools.
    alone.blockRows = 1000
    #expect(together < (try Models.packed(container, alone).count))
    #expect(try Models.open(Models.packed(container, alone)).entries.allSatisfy { $0.kind != .pool })
    let fast = try Models.open(Models.packed(container, StaticTests.options(.fast)))
    #expect(fast.entries.allSatisfy { $0.kind != .pool })
    // Three values of their own take less than a coder's tables.
    let tiny = Models.container([
      ("a", Models.dataset(.float32, [2], MemoryBytes([1, 2, 3, 4, 5, 6, 7, 8]))),
      ("b", Models.dataset(.float32, [1], MemoryBytes([9, 8, 7, 6]))),
    ])
    #expect(
      try Models.open(Models.packed(tiny, StaticTests.options(.max))).entries.allSatisfy { $0.kind != .pool })
  }

  @Test func negativeZerosAreClearedInPoolsToo() throws {
    var bytes = StaticTests.bytes(300, .float32, .init(exponents: 5), oneIn: 1, seed: 1)
    for element in stride(from: 0, to: 300, by: 3) {
      bytes.replaceSubrange(element * 4..<element * 4 + 4, with: [0, 0, 0, 0x80])
    }
    let container = Models.container(
      (0..<4).map { (Name("v\($0)"), Models.dataset(.float32, [300], MemoryBytes(bytes))) })
    var options = StaticTests.options()
    let kept = try Packer.measure(container, options: options)
    #expect(try Models.values(Models.open(Models.packed(container, options)).container()) == bytes)
    options.canonicalZero = true
    let file = try Models.open(Models.packed(container, options))
    #expect(file.entries.contains { $0.kind == .pool })
    #expect(file.verify().isWhole)
    var cleared = bytes
    for start in stride(from: 0, to: bytes.count, by: 4) where bytes[start + 2] == 0 {
      if bytes[start + 3] == 0x80 { cleared[start + 3] = 0 }
    }
    #expect(try Models.values(file.container()) == cleared)
    let after = try Packer.measure(container, options: options)
    #expect(kept.negativeZeros == 400 && after.tensorBytes < kept.tensorBytes)
    #expect(abs(kept.canonicalZeroSaving - (kept.tensorBytes - after.tensorBytes)) < 1000)
  }

  /// A pool of three floats and two tensors in it, put together by hand.
  private static func crafted() -> Crafted {
    var crafted = Crafted()
    let bytes: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 1, 2, 3, 4]
    func member(_ name: String, _ range: Range<Int>) -> Crafted.Part {
      var part = Crafted.Part()
      part.name = Array(name.utf8)
      part.encoding = 8
      part.shape = [UInt64(range.count / 4)]
      part.nonzeros = UInt64(range.count / 4)
      part.blockElements = UInt64(range.count / 4)
      part.blocks = []
      part.checksum = Checksum.of(Array(bytes[range]))
      part.decoded = range.count
      return part
    }
    var pool = Crafted.Part()
    pool.kind = Entry.Kind.pool.rawValue
    pool.name = Array("float32".utf8)
    pool.shape = [3]
    pool.nonzeros = 3
    pool.blockElements = 3
    pool.blocks = [bytes]
    pool.decoded = 12
    crafted.parts = [member("a", 0..<4), member("b", 4..<12), pool]
    return crafted
  }

  private func refused(_ change: (inout Crafted) -> Void) -> Bool {
    var crafted = PoolTests.crafted()
    change(&crafted)
    guard let file = try? Models.open(crafted.bytes) else { return true }
    return !file.verify().isWhole
  }

  @Test func poolsThatCannotBeAreRefused() throws {
    let good = try Models.open(PoolTests.crafted().bytes)
    #expect(good.verify().isWhole)
    #expect(try good.tensorBytes("b").source.bytes() == [0, 0, 0, 0x40, 1, 2, 3, 4])
    #expect(!refused { _ in })
    // No pool, one of another type, two of one type.
    #expect(refused { $0.parts.removeLast() })
    #expect(refused { $0.parts[2].code = ElementType.Kind.int32.rawValue })
    #expect(refused { $0.parts[2].precision = 1 })
    #expect(
      refused {
        $0.parts.append($0.parts[2])
        $0.parts[3].name = Array("other".utf8)
      })
    // Tensors that do not fill the pool, or are more than it holds.
    #expect(refused { $0.parts.remove(at: 0) })
    #expect(
      refused {
        $0.parts.insert($0.parts[0], at: 1)
        $0.parts[1].name = Array("aa".utf8)
      })
    // A tensor that is not small.
    #expect(
      refused {
        $0.parts[0].shape = [65_537]
        $0.parts[0].blockElements = 65_537
        $0.parts[0].decoded = 65_537 * 4
        $0.parts[2].shape = [65_539]
        $0.parts[2].blockElements = 65_539
        $0.parts[2].blocks = [[UInt8](repeating: 1, count: 65_539 * 4)]
        $0.parts[2].decoded = 65_539 * 4
      })
    // Something of their own.
    #expect(refused { $0.parts[0].parameters = [1] })
    #expect(
      refused {
        $0.parts[0].blocks = [[1]]
        $0.parts[0].checksum = nil
      })
    #expect(refused { $0.parts[0].blockElements = 0 })
    #expect(refused { $0.parts[1].blockElements = 1 })
    // Checksum and count are the tensor's own.
    #expect(refused { $0.parts[0].checksum = 1 })
    #expect(refused { $0.parts[0].nonzeros = 0 })
    // A pool in a pool.
    #expect(
      refused {
        $0.parts[2].encoding = 8
        $0.parts[2].blocks = []
      })
  }

  /// A pool in an encoding of a later version takes its tensors with it, by name, and no others.
  @Test func poolsOfALaterVersionKeepTheirTensors() throws {
    var crafted = PoolTests.crafted()
    crafted.parts[2].encoding = 77
    var other = Crafted.Part()
    other.name = Array("c".utf8)
    crafted.parts.insert(other, at: 2)
    let file = try Models.open(crafted.bytes)
    #expect(try file.tensorBytes("c").source.count == 8)
    #expect(throws: CSRMError.unknownEncoding(file: "test.csrm", tensor: "a", id: 77)) {
      try file.tensorBytes("a")
    }
    #expect(Set(file.verify().unchecked) == ["tensor a", "tensor b", "pool float32"])
  }
}
