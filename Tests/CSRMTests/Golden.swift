import Documents
import Files
import Foundation
import Tensors

@testable import CSRM

/// The small files under fixtures/csrm, which stay readable for ever, and what is in them.
///
/// They were made by this code: `COPPICE_RECORD=1 swift test --filter GoldenTests` writes them anew,
/// with a JSON file beside each that says what a reader must find.
enum Golden {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(components: "..", "..", "fixtures", "csrm")

  static let good: [(name: String, make: @Sendable () throws -> [UInt8])] = [
    ("encodings", { try Models.packed(encodings(), blocks(2)) }),
    ("compressed-rows", { try Models.packed(compressedRows(), rows()) }),
    ("types", { try Models.packed(types()) }),
    (
      "document",
      {
        try Models.packed(
          Container(kind: .hdf5, parts: [.init(name: "", content: .document(Models.everything()))]))
      }
    ),
    ("archive", { try Models.packed(Models.archive()) }),
    (
      "name-marks",
      {
        try Models.packed(
          Container(kind: .hdf5, parts: [.init(name: "", content: .document(Models.marked()))]))
      }
    ),
    ("bytes-exact", { try withOriginal { try Models.packed($0, exact()) } }),
    ("later-version", { laterVersion() }),
    ("pool", { try Models.packed(vectors(), StaticTests.options()) }),
    ("static", { try Models.packed(floats(), StaticTests.options(forced: true, rows: 20)) }),
    ("levels", { try Models.packed(levels(), blocks(4)) }),
    ("levels-static", { try Models.packed(levels(), StaticTests.options(forced: true, rows: 4)) }),
    ("small", { try Models.packed(learned(), coded(SmallCoding(), rows: 20)) }),
    ("mixed", { try Models.packed(learned(), coded(MixedCoding(), rows: 20)) }),
  ]

  /// Each wrong in one way, all checksums right.
  static let refused: [(name: String, make: @Sendable () throws -> [UInt8])] = [
    ("header-version-2", { crafted { $0.header.major = 2 } }),
    ("header-required-feature", { crafted { $0.header.required = 1 << 31 } }),
    ("footer-missing", { Array(Crafted().bytes.dropLast(64)) }),
    ("footer-file-length", { crafted { $0.change = { $0.fileLength += 1 } } }),
    ("footer-decoded-bytes", { crafted { $0.change = { $0.decodedBytes += 1 } } }),
    ("directory-order", { crafted { $0.parts.append(Crafted.Part()) } }),
    ("directory-checksum-missing", { crafted { $0.extraChecksums = [0] } }),
    ("entry-dimensions-overflow", { Crafted.part { $0.shape = [1 << 31, 1 << 31, 16] } }),
    (
      "entry-gap",
      {
        Crafted.part {
          $0.gap = 1
          $0.padding = [0]
        }
      }
    ),
    ("entry-varint-long", { longVarint() }),
    ("block-length", { Crafted.part { $0.lengths = [7] } }),
    (
      "bitmask-count",
      {
        Crafted.part {
          $0.encoding = 2
          $0.nonzeros = 2
          $0.blocks = [[1, 0, 0, 0x80, 0x3F, 0, 0, 0x80, 0x3F]]
          $0.checksum = 0
        }
      }
    ),
    (
      "bomb-constant",
      {
        Crafted.part {
          $0.shape = [1 << 36]
          $0.encoding = 6
          $0.nonzeros = 0
          $0.blockElements = 1 << 36
          $0.blocks = [[0, 0, 0, 0]]
          $0.decoded = 1 << 38
        }
      }
    ),
    (
      "bomb-deflate",
      {
        Crafted.part {
          $0.shape = [1 << 20]
          $0.encoding = 7
          $0.nonzeros = 0
          $0.blockElements = 1 << 20
          $0.blocks = [[UInt8](repeating: 0, count: 100)]
          $0.decoded = 1 << 22
        }
      }
    ),
    ("padding-set", { paddingSet() }),
    ("name-marks-missing", { try marksMissing() }),
    // The last frequency is one less than it must be.
    (
      "static-frequencies",
      {
        StaticRefusalTests.file {
          $0.parameters = [0, 0, 0, 0, 127] + StaticRefusalTests.table([0: 1 << 13, 1: (1 << 13) - 1])
        }
      }
    ),
    ("static-state", { StaticRefusalTests.file { $0.blocks[0][127] ^= 1 } }),
    (
      "pool-missing",
      {
        crafted {
          $0.parts[0].encoding = 8
          $0.parts[0].blocks = []
          $0.parts[0].checksum = Checksum.of([0, 0, 0x80, 0x3F, 0, 0, 0, 0x40])
        }
      }
    ),
    ("levels-entry", { levelsCrafted { $0.parameters.replaceSubrange(8..<10, with: [0xC0, 0x7F]) } }),
    ("levels-level", { levelsCrafted { $0.blocks = [[0xFF, 2]] } }),
    ("levels-encoding", { levelsCrafted { $0.parameters[1] = 9 } }),
  ]

  static func blocks(_ rows: Int) -> PackOptions {
    var options = Models.plain
    options.blockRows = rows
    return options
  }

  /// Weights rounded in each way, of several float types.
  private static func levels() throws -> Container {
    let types: [ElementType] = [
      .float32, .float64, ElementType(.float32, bigEndian: true), .float16, .bfloat16,
    ]
    var datasets: [(Name, Dataset)] = []
    for type in types {
      for way in Rounding.everyWay {
        let input = Rounding.input(Rounding.weights, [12, 5], type)
        guard let rounded = try way.rounded(input) else { continue }
        datasets.append((Name("\(way.name) \(type)"), Models.dataset(type, [12, 5], rounded)))
      }
    }
    return Models.container(datasets)
  }

  private static func rows() -> PackOptions {
    var options = blocks(2)
    options.layout = .csr
    return options
  }

  private static func exact() -> PackOptions {
    var options = Models.plain
    options.bytesExact = true
    return options
  }

  /// A tensor in each encoding, some in several blocks.
  static func encodings() -> Container {
    var random = Sequence64(77)
    let integers = (0..<64).flatMap { [UInt8($0 / 4), 2, 0, 0] as [UInt8] }
    return Models.container([
      (
        "raw",
        Models.dataset(.float32, [3, 5], MemoryBytes(random.elements(15, size: 4, oneIn: 1)))
      ),
      (
        "bitmask",
        Models.dataset(.float32, [5, 9], MemoryBytes(random.elements(45, size: 4, oneIn: 4)))
      ),
      (
        "csr",
        Models.dataset(.float64, [4, 300], MemoryBytes(random.elements(1200, size: 8, oneIn: 200)))
      ),
      (
        "constant", Models.dataset(.float32, [4, 4], RepeatedBytes([0, 0, 0xC0, 0x7F], times: 16))
      ),
      ("deflate", Models.dataset(ElementType(.int32), [16, 4], MemoryBytes(integers))),
      ("scalar", Models.dataset(ElementType(.int64), [], MemoryBytes([1, 2, 3, 4, 5, 6, 7, 8]))),
      (
        "vector",
        Models.dataset(.float32, [20], MemoryBytes(random.elements(20, size: 4, oneIn: 3)))
      ),
      ("empty", Models.dataset(.float32, [0, 3], MemoryBytes([]))),
      ("zeros", Models.dataset(.float32, [2, 3, 4], RepeatedBytes([0], times: 96))),
    ])
  }

  private static func compressedRows() -> Container {
    var random = Sequence64(78)
    func matrix(_ type: ElementType, _ shape: [Int]) -> Dataset {
      let count = shape.reduce(1, *)
      return Models.dataset(
        type, shape, MemoryBytes(random.elements(count, size: type.size, oneIn: 12)))
    }
    return Models.container([
      ("u8-columns", matrix(.float32, [5, 256])), ("u16-columns", matrix(.float32, [3, 257])),
      ("kernel", matrix(.float32, [3, 3, 2, 64])), ("half", matrix(.float16, [3, 200])),
      ("wide", matrix(ElementType(.int64), [5, 100])),
      ("bytes", matrix(ElementType(.int8), [4, 300])),
    ])
  }

  private static func types() -> Container {
    var random = Sequence64(79)
    return Models.container(
      (Models.numberTypes + [.opaque(size: 5)]).map { type in
        let count = type.kind == .opaque ? 1000 : 12
        let shape = type.kind == .opaque ? [1000] : [3, 4]
        let bytes = random.elements(count, size: type.size, oneIn: 3)
        return (
          Name("\(type)"),
          Models.dataset(
            type, shape, MemoryBytes(type.kind == .bool ? bytes.map { $0 & 1 } : bytes))
        )
      })
  }

  /// Bytes of a file that holds two tensors, and a container over it.
  static let original = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 7) }

  static func withOriginal<Result>(_ body: (Container) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory.path + "/csrm-\(UUID().uuidString)"
    try Data(original).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let file = try MappedFile(path: path)
    var container = Models.container([
      ("a", Models.dataset(.float32, [5, 4], ByteSlice(file, 100..<180))),
      ("b", Models.dataset(ElementType(.uint8), [20], ByteSlice(file, 13..<33))),
    ])
    container.original = file
    return try body(container)
  }

  /// What a later version may write and this one must pass over.
  private static func laterVersion() -> [UInt8] {
    var crafted = Crafted()
    crafted.header.minor = 9
    crafted.header.optional = 1 << 5
    crafted.parts[0].later = [1, 2, 3]
    var unknown = Crafted.Part()
    unknown.name = Array("y".utf8)
    unknown.encoding = 77
    unknown.parameters = [1, 2, 3]
    crafted.parts.append(unknown)
    unknown.kind = 99
    unknown.name = []
    crafted.parts.append(unknown)
    return crafted.bytes
  }

  private static func crafted(_ change: (inout Crafted) -> Void) -> [UInt8] {
    var crafted = Crafted()
    change(&crafted)
    return crafted.bytes
  }

  /// The entry's element size, 4, in two bytes: the same number, but not in shortest form.
  private static func longVarint() -> [UInt8] {
    crafted {
      $0.entryLengths = { $0 + 1 }
      // Behind length, kind, name (one letter behind its length) and type.
      $0.fields = { Array($0[..<5]) + [0x84, 0] + $0[6...] }
    }
  }

  /// The levels -1 and 1 of a codebook of -1 and 2, changed.
  private static func levelsCrafted(_ change: (inout Crafted.Part) -> Void) -> [UInt8] {
    Crafted.part {
      $0.encoding = 9
      $0.precision = 4
      $0.parameters = [4, 0, 5, 0, 1, 1, 0, 0, 0x80, 0xBF, 0, 0, 0, 0x40]
      $0.blocks = [[0xFF, 1]]
      $0.checksum = Checksum.of([0, 0, 0x80, 0xBF, 0, 0, 0, 0x40])
      change(&$0)
    }
  }

  private static func paddingSet() -> [UInt8] {
    crafted {
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
      second.padding = [0, 1, 0]
      $0.parts.append(second)
    }
  }

  /// A file of a container with one empty group, which says that marks of names follow where none do.
  private static func marksMissing() throws -> [UInt8] {
    let document = Document()
    let container = ContainerFields(
      kind: "hdf5", archive: nil, parts: [.init(name: "", content: .document, number: 0)])
    var crafted = Crafted()
    crafted.header = Header(.nameMarks, codesFloats: false)
    crafted.parts = [
      (Entry.Kind.container, container.bytes),
      (.document, try DocumentWriter.bytes(of: document, tensors: [:])),
    ].map { kind, bytes in
      var part = Crafted.Part()
      part.kind = kind.rawValue
      part.name = []
      part.code = ElementType.Kind.uint8.rawValue
      part.size = 1
      part.shape = [UInt64(bytes.count)]
      part.nonzeros = UInt64(bytes.count { $0 != 0 })
      part.blockElements = UInt64(bytes.count)
      part.blocks = [bytes]
      part.decoded = bytes.count
      return part
    }
    return crafted.bytes
  }

  /// What a reader must find in a file: each tensor's type, shape and bytes, the documents' and
  /// blobs' bytes, the container's description, and the original where it is held.
  static func expectation(_ file: PackedFile) throws -> [String: Any] {
    var entries: [[String: Any]] = []
    for (index, entry) in file.entries.enumerated() {
      var line: [String: Any] = [
        "kind": Int(entry.kindCode), "name": entry.name, "shape": entry.shape,
        "type": entry.type.description, "encoding": entry.encoding.id, "nonzeros": entry.nonzeros,
      ]
      if let source = file.sources[index] { line["bytes"] = try hex(source.bytes()) }
      entries.append(line)
    }
    var result: [String: Any] = ["entries": entries]
    if file.holdsOriginal {
      let sink = MemorySink()
      try file.restoreOriginal(to: sink)
      result["original"] = hex(sink.bytes)
    }
    return result
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
