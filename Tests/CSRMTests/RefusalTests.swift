import Documents
import Files
import Tensors
import Testing

@testable import CSRM

/// Files that are wrong in one way each, with every checksum right: each is refused, and says why.
struct RefusalTests {
  private func error(_ bytes: [UInt8], limits: Limits = .standard) -> CSRMError? {
    do {
      _ = try PackedFile(MemoryBytes(bytes), name: "f", limits: limits)
      return nil
    } catch { return error as? CSRMError }
  }

  private func what(_ bytes: [UInt8]) -> String? {
    if case .malformed(_, _, let what) = error(bytes) { what } else { nil }
  }

  private func file(_ change: (inout Crafted) -> Void) -> [UInt8] {
    var crafted = Crafted()
    change(&crafted)
    return crafted.bytes
  }

  @Test func theUnchangedFileIsGood() throws {
    let file = try Models.open(Crafted().bytes)
    #expect(file.verify().isWhole)
    #expect(try file.tensorBytes("x").source.bytes() == [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40])
  }

  @Test func otherFilesAreToldApart() {
    #expect(error([]) == .notPacked(file: "f"))
    #expect(
      error(Array("<!DOCTYPE html>".utf8) + [UInt8](repeating: 0x20, count: 200))
        == .notPacked(file: "f"))
    #expect(error(Array(Header().bytes[..<20])) == .cutShort(file: "f", bytes: 20))
    #expect(error(Header().bytes) == .cutShort(file: "f", bytes: 64))
    var text = Crafted().bytes
    text.remove(at: 5)
    #expect(error(text) == .textMode(file: "f"))
    #expect(PackedFile.recognises(MemoryBytes(text)))
    #expect(!PackedFile.recognises(MemoryBytes(Array("\u{89}HDF\r\n".utf8))))
  }

  @Test func headers() {
    #expect(error(file { $0.header.major = 2 }) == .otherVersion(file: "f", major: 2))
    #expect(error(file { $0.header.major = 0 }) == .otherVersion(file: "f", major: 0))
    #expect(error(file { $0.header.required = 1 << 9 }) == .requiredFeature(file: "f", bit: 9))
    #expect(
      error(
        file {
          $0.header.minor = 3
          $0.header.optional = .max
        }) == nil)
    var reserved = Crafted().bytes
    reserved[40] = 1
    let checksum = Checksum.of(Array(reserved[..<60]))
    for byte in 0..<4 {
      reserved[60 + byte] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * byte))
    }
    // The footer has the header's checksum too; it is looked at later.
    #expect(what(reserved) == "has bytes set that must be zero")
  }

  @Test func footers() {
    #expect(
      what(file { $0.change = { $0.fileLength += 1 } })?.contains("says that the file has") == true)
    #expect(
      what(file { $0.change = { $0.directoryOffset -= 1 } })?.contains("does not end") == true)
    #expect(
      what(file { $0.change = { $0.directoryOffset = 10 } })?.contains("does not end") == true)
    #expect(
      what(file { $0.change = { $0.directoryStored = 1 << 40 } })?.contains("does not end") == true)
    #expect(what(file { $0.change = { $0.entries = 2 } }) != nil)
    #expect(what(file { $0.change = { $0.entries = 0 } }) != nil)
    #expect(what(file { $0.change = { $0.entries = 1 << 20 } }) != nil)
    #expect(
      what(file { $0.change = { $0.decodedBytes = 9 } })?.contains("decodes to 9 bytes") == true)
    #expect(what(file { $0.change = { $0.directoryInflated = 1 << 20 } }) != nil)
    #expect(
      error(file { $0.change = { $0.directoryInflated = 1 << 40 } })?.description.contains("limit")
        == true)
    #expect(
      what(
        file {
          $0.deflates = true
          $0.change = { $0.directoryInflated = 200 << 20 }
        })?.contains("inflates") == true)
    if case .checksum(_, "header, as the footer has it", _, _) = error(
      file { $0.change = { $0.headerChecksum ^= 1 } })
    {
    } else {
      Issue.record("the header's checksum in the footer is not compared")
    }
  }

  @Test func directories() {
    #expect(what(file { $0.extraFields = [0] })?.contains("behind its last entry") == true)
    #expect(what(file { $0.extraChecksums = [0] })?.contains("bytes of checksums") == true)
    #expect(
      what(file { $0.extraChecksums = [0, 0, 0, 0] })?.contains("bytes of checksums") == true)
    #expect(what(file { $0.entryLengths = { $0 - 1 } }) != nil)
    #expect(what(file { $0.entryLengths = { $0 + 1 } }) != nil)
    var second = Crafted.Part()
    #expect(what(file { $0.parts.append(second) })?.contains("does not come after") == true)
    second.name = Array("w".utf8)
    #expect(what(file { $0.parts.append(second) })?.contains("does not come after") == true)
    second.name = Array("y".utf8)
    #expect(error(file { $0.parts.append(second) }) == nil)
  }

  @Test func entries() {
    #expect(what(Crafted.part { $0.name = [0xFF] }) == "has a name that is not UTF-8 without NUL")
    #expect(
      what(Crafted.part { $0.name = [0x61, 0] }) == "has a name that is not UTF-8 without NUL")
    #expect(
      what(Crafted.part { $0.name = [UInt8](repeating: 0x61, count: 65_537) })
        == "has a name over 64 KiB")
    #expect(what(Crafted.part { $0.size = 0 }) != nil)
    #expect(what(Crafted.part { $0.size = 2 }) != nil)
    #expect(
      what(Crafted.part { $0.shape = [UInt64](repeating: 1, count: 33) })?.contains("rank 33")
        == true)
    #expect(what(Crafted.part { $0.shape = [1 << 41] }) == "has more than 2^40 elements")
    #expect(
      what(Crafted.part { $0.shape = [1 << 31, 1 << 31, 16] }) == "has more than 2^40 elements")
    #expect(what(Crafted.part { $0.shape = [.max, 2] }) == "has a size over 63 bits")
    #expect(
      what(
        Crafted.part {
          $0.code = 14
          $0.size = 1 << 30
          $0.shape = [1 << 40]
        }) == "has more than 2^63 bytes")
    #expect(what(Crafted.part { $0.nonzeros = 3 }) == "has 3 non-zeros among 2 elements")
    #expect(
      what(
        Crafted.part {
          $0.gap = 1
          $0.padding = [0]
        })?.contains("after the section before") == true)
    #expect(what(Crafted.part { $0.alignment = 3 }) == "has alignment 3")
    #expect(what(Crafted.part { $0.alignment = 8192 }) == "has alignment 8192")
    #expect(what(Crafted.part { $0.stored = 1 << 62 })?.contains("inside the file") == true)
    #expect(what(Crafted.part { $0.stored = 9 }) != nil)
    #expect(what(Crafted.part { $0.stored = 7 }) != nil)
    #expect(what(Crafted.part { $0.parameters = [1] }) != nil)
    #expect(what(Crafted.part { $0.kind = 2 })?.contains("other elements than bytes") == true)
    #expect(
      what(
        Crafted.part {
          $0.kind = 1
          $0.code = ElementType.Kind.uint8.rawValue
          $0.size = 1
        })?.contains("has a name") == true)
    #expect(what(Crafted.part { $0.blockElements = 0 }) != nil)
    #expect(what(Crafted.part { $0.blockElements = 3 }) != nil)
    #expect(what(Crafted.part { $0.blockElements = 1 }) != nil)
    #expect(what(Crafted.part { $0.lengths = [9] }) != nil)
    #expect(what(Crafted.part { $0.lengths = [8, 0] }) != nil)
    #expect(what(Crafted.part { $0.lengths = [.max >> 1] }) != nil)
  }

  /// Counts that nothing in the bytes contradicts when they are read are looked at by `verify`.
  @Test func nonzerosAreCounted() throws {
    let file = try Models.open(Crafted.part { $0.nonzeros = 1 })
    #expect(file.verify().damage.map(\.what) == ["has 2 non-zeros; the directory says 1"])
    let zero = try Models.open(
      Crafted.part {
        $0.encoding = 2
        $0.nonzeros = 1
        $0.blocks = [[1, 0, 0, 0, 0]]
        $0.checksum = Checksum.of([UInt8](repeating: 0, count: 8))
      })
    #expect(zero.verify().damage.map(\.what) == ["has 0 non-zeros; the directory says 1"])
  }

  @Test func paddingIsZero() {
    func padded(_ padding: [UInt8]) -> [UInt8] {
      file {
        $0.parts[0].shape = [1]
        $0.parts[0].nonzeros = 1
        $0.parts[0].blockElements = 1
        $0.parts[0].code = ElementType.Kind.uint8.rawValue
        $0.parts[0].size = 1
        $0.parts[0].blocks = [[9]]
        $0.parts[0].decoded = 1
        var second = Crafted.Part()
        second.name = Array("y".utf8)
        second.alignment = 4
        second.gap = 3
        second.padding = padding
        $0.parts.append(second)
      }
    }
    #expect(error(padded([0, 0, 0])) == nil)
    #expect(what(padded([0, 0, 1])) == "has bytes set that must be zero")
  }

  @Test func varintsAreInShortestForm() {
    var fields = FieldWriter()
    for value in [0, 1, 127, 128, 16_383, 16_384, UInt64.max] as [UInt64] { fields.varint(value) }
    var reader = FieldReader(fields.bytes)
    #expect(
      (try? (0..<7).map { _ in try reader.varint() }) == [0, 1, 127, 128, 16_383, 16_384, .max])
    for bytes in [
      [0x80, 0], [0xFF, 0x80, 0], [UInt8](repeating: 0xFF, count: 9) + [2], [0x80], [],
    ] as [[UInt8]] {
      var reader = FieldReader(bytes)
      #expect(throws: Malformed.self) { try reader.varint() }
    }
  }

  /// A few bytes that claim to be gigabytes are refused before anything is made of them.
  @Test func bombs() throws {
    func zeros(_ part: inout Crafted.Part, _ count: UInt64, encoding: UInt64) {
      part.shape = [count]
      part.encoding = encoding
      part.nonzeros = 0
      part.decoded = Int(count * 4)
      part.blockElements = count
    }
    let constant = Crafted.part {
      zeros(&$0, 1 << 36, encoding: 6)
      $0.blocks = [[0, 0, 0, 0]]
    }
    #expect(
      error(constant)
        == .tooLarge(
          file: "f", part: "decoded", found: "\(1 << 38) bytes", limit: "\(16 << 30) (--max-size)"))
    // Within the limit it costs nothing until it is read, and then no more than is asked for.
    let large = try PackedFile(
      MemoryBytes(constant), name: "f", limits: Limits(decodedBytes: 1 << 40))
    let end = try large.tensorBytes("x", rows: (1 << 36) - 2..<1 << 36)
    // The decoded checksum is not theirs.
    #expect(throws: CSRMError.self) { try end.source.bytes() }
    let deflated = Crafted.part {
      zeros(&$0, 1 << 20, encoding: 7)
      $0.blocks = [[UInt8](repeating: 0, count: 100)]
    }
    #expect(what(deflated)?.contains("inflates 100 bytes") == true)
    let mask = Crafted.part {
      zeros(&$0, 1 << 26, encoding: 2)
      $0.blocks = [[UInt8](repeating: 0, count: 1 << 10)]
    }
    #expect(what(mask) == "has blocks of more than 128 MiB")
    let rows = Crafted.part {
      zeros(&$0, 1 << 31, encoding: 1)
      $0.shape = [1, 1 << 31]
      $0.alignment = 64
      $0.blocks = [[UInt8](repeating: 0, count: 64)]
    }
    #expect(what(rows) == "has blocks of more than 128 MiB")
    let document = Crafted.part {
      $0.kind = Entry.Kind.document.rawValue
      $0.name = []
      $0.code = ElementType.Kind.uint8.rawValue
      $0.size = 1
      zeros(&$0, 1 << 30, encoding: 6)
      $0.decoded = 1 << 30
      $0.blocks = [[0]]
    }
    if case .tooLarge = error(document) {
    } else {
      Issue.record("a document of a GiB from one byte")
    }
  }

  /// What only a later version knows is passed over, and named where it is needed.
  @Test func laterVersions() throws {
    var crafted = Crafted()
    crafted.parts[0].later = [1, 2, 3]
    var unknown = Crafted.Part()
    unknown.name = Array("y".utf8)
    unknown.encoding = 77
    unknown.parameters = [1, 2, 3]
    unknown.blockElements = 1
    unknown.lengths = [8]
    crafted.parts.append(unknown)
    unknown.name = Array("z".utf8)
    unknown.encoding = 0
    unknown.precision = 77
    crafted.parts.append(unknown)
    unknown.kind = 99
    unknown.name = []
    crafted.parts.append(unknown)
    unknown.kind = 100
    unknown.code = 0x55
    unknown.size = 3
    unknown.shape = [2]
    unknown.decoded = 6
    crafted.parts.append(unknown)
    let file = try Models.open(crafted.bytes)
    #expect(try file.tensorBytes("x").source.bytes() == crafted.parts[0].blocks[0])
    #expect(throws: CSRMError.unknownEncoding(file: "test.csrm", tensor: "y", id: 77)) {
      try file.tensorBytes("y")
    }
    #expect(throws: CSRMError.unknownPrecision(file: "test.csrm", tensor: "z", precision: 77)) {
      try file.tensorBytes("z")
    }
    #expect(
      file.entries.map(\.encoding.description) == ["raw", "encoding 77", "raw", "raw", "raw"])
    #expect(file.entries.suffix(2).map(\.kind) == [nil, nil])
    #expect(file.verify().damage == [])
    #expect(
      file.verify().unchecked == ["tensor y", "tensor z", "entry of kind 99", "entry of kind 100"])
    // Without a container the tensors are what there is.
    let document = try #require(try file.container().parts[0].document)
    #expect(document.objects.count == 4)
    let unreadable = document.objects.dropFirst().map { object -> Bool in
      if case .dataset(let dataset) = object, case .unreadable = dataset.value { true } else { false }
    }
    #expect(unreadable == [false, true, true])
  }

  /// One tensor in an encoding that is not known: the others of the container can still be had.
  @Test func oneUnknownEncodingRefusesOneTensor() throws {
    let packed = try Models.packed(
      Models.container([
        ("a", Models.dataset(.float32, [1], MemoryBytes([1, 2, 3, 4]))),
        ("b", Models.dataset(.float32, [1], MemoryBytes([5, 6, 7, 8]))),
      ]))
    let known = try Models.open(packed)
    var entries = known.entries
    entries[3] = entries[3].with(encoding: Encoding(id: 200))
    let file = try Models.open(Models.repacked(packed, entries))
    let container = try file.container()
    #expect(try Models.values(container, 1) == [1, 2, 3, 4])
    guard case .dataset(let b) = container.parts[0].document?.objects[2],
      case .unreadable(let reason) = b.value
    else { throw Models.Difference(what: "b can be read") }
    #expect(reason.contains("encoding 200"))
    #expect(file.verify().unchecked == ["tensor b"])
  }
}
