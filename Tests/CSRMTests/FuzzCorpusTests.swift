import Documents
import Files
import Foundation
import Tensors
import Testing

@testable import CSRM

/// The corpus of the fuzzers (Tests/Fuzz/corpus), replayed: what they found interesting once is
/// survived for ever.
///
/// `COPPICE_RECORD=1 swift test --filter FuzzCorpusTests` adds what the encoders of today make: the
/// seeds from which a fuzzer starts.
struct FuzzCorpusTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(components: "..", "Fuzz", "corpus")

  private static func files(_ target: String) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(
      at: folder.appending(component: target), includingPropertiesForKeys: nil)
  }

  @Test(arguments: FuzzedBlock.encodings.map(\.description)) func blocks(of encoding: String) throws {
    if ProcessInfo.processInfo.environment["COPPICE_RECORD"] != nil { try Self.record(encoding) }
    var whole = 0
    for file in try Self.files(encoding) {
      try Data(contentsOf: file).withUnsafeBytes { bytes in
        guard let block = FuzzedBlock(bytes) else { return }
        #expect(block.coding.name == encoding, "\(file.lastPathComponent)")
        if (try? block.decode()) != nil { whole += 1 }
      }
    }
    // At least the seeds are what an encoder makes.
    #expect(whole > 0)
  }

  @Test func wholeFiles() throws {
    for file in try Self.files("reader") {
      try? Everything.read(Array(Data(contentsOf: file)))
    }
  }

  @Test func documents() throws {
    let tensors = [
      DocumentReader.Tensor(bytes: 24, elementSize: 4, value: .unwritten),
      DocumentReader.Tensor(bytes: 4200, elementSize: 7, value: .unwritten),
    ]
    for file in try Self.files("document") {
      let bytes = try Array(Data(contentsOf: file))
      _ = try? DocumentReader.document(from: bytes, stored: bytes.count, tensors: tensors)
      _ = try? ContainerFields(from: bytes, stored: bytes.count)
    }
  }

  /// Blocks of a few shapes and densities in one encoding.
  private static func record(_ name: String) throws {
    let folder = folder.appending(component: name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (type, oneIn, shape) in [
      (0, 3, [3, 5]), (0, 9, [9, 40]), (0, 1, [4, 4]), (1, 4, [3, 50]), (2, 4, [3, 50]),
      (3, 4, [3, 20]), (4, 3, [16, 4]), (0, 1000, [10, 20]), (0, 20, [40, 70]),
    ] {
      let element = FuzzedBlock.types[type]
      let count = shape[0] * shape[1]
      if name == "levels" {
        try recordLevels(type, shape, oneIn: UInt64(oneIn), in: folder)
        continue
      }
      var random = Sequence64(UInt64(type * 1000 + oneIn))
      let bytes = random.elements(count, size: element.size, oneIn: UInt64(oneIn))
      guard let block = try Self.encoded(bytes, element, shape, as: name) else { continue }
      let (entry, stored) = block
      let out = FuzzedBlock.bytes(
        encoding: entry.encoding, type: type, rows: shape[0], columns: shape[1],
        nonzeros: entry.nonzeros, block: entry.storedBlock(0).count, parameters: entry.parameters,
        stored: stored)
      try Data(out).write(to: folder.appending(component: "seed-\(type)-\(oneIn)"))
    }
  }

  /// Levels of each kind, as fields and by the coder of floats.
  private static func recordLevels(
    _ type: Int, _ shape: [Int], oneIn: UInt64, in folder: URL
  ) throws {
    let element = FuzzedBlock.types[type]
    guard element.isFloat else { return }
    var random = Sequence64(oneIn)
    let floats = Rounding.random(shape[0] * shape[1], oneIn: oneIn, &random)
    for way in Rounding.everyWay {
      guard let rounded = try way.rounded(Rounding.input(floats, shape, element)) else { continue }
      for options in [Models.plain, StaticTests.options(forced: true)] {
        let packed = try Models.packed(
          Models.container([("x", Models.dataset(element, shape, rounded))]), options)
        guard let entry = try Models.open(packed).entries.first(where: { $0.encoding == .levels })
        else { continue }
        let out = FuzzedBlock.bytes(
          encoding: entry.encoding, type: type, rows: shape[0], columns: shape[1],
          nonzeros: entry.nonzeros, block: entry.storedBlock(0).count,
          parameters: entry.parameters, stored: Array(packed[entry.section]))
        let coder = options.forced == nil ? "plain" : "coded"
        try Data(out).write(
          to: folder.appending(component: "seed-\(type)-\(oneIn)-\(way.name)-\(coder)"))
      }
    }
  }

  /// One tensor as `Packer` stores it; nil where it chose another encoding.
  private static func encoded(
    _ bytes: [UInt8], _ type: ElementType, _ shape: [Int], as name: String
  ) throws -> (Entry, [UInt8])? {
    for layout in [PackOptions.Layout.automatic, .csr] {
      var options = Models.plain
      options.layout = layout
      if let coder = Encoding.codings.first(where: { $0.name == name }) as? any FloatCoding {
        options.level = .standard
        options.forced = coder
      }
      let values: any ByteSource =
        switch name {
        case "constant":
          RepeatedBytes(Array(bytes.prefix(type.size)), times: bytes.count / type.size)
        case "deflate": MemoryBytes(bytes.indices.map { UInt8($0 / 16 & 0xFF) })
        default: MemoryBytes(bytes)
        }
      let packed = try Models.packed(
        Models.container([("x", Models.dataset(type, shape, values))]), options)
      let entries = try Models.open(packed).entries
      if let entry = entries.first(where: { $0.kind == .tensor && $0.encoding.description == name }) {
        return (entry, Array(packed[entry.section]))
      }
    }
    return nil
  }
}
