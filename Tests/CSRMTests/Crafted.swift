import Files
import Tensors

@testable import CSRM

/// Packed files put together by hand, so that anything about them can be made wrong while all
/// checksums are right.
struct Crafted {
  struct Part {
    var kind: UInt8 = Entry.Kind.tensor.rawValue
    var name: [UInt8] = Array("x".utf8)
    var code: UInt8 = ElementType.Kind.float32.rawValue
    var size: UInt64 = 4
    var shape: [UInt64] = [2]
    var encoding: UInt64 = 0
    var precision: UInt64 = 0
    var parameters: [UInt8] = []
    var nonzeros: UInt64 = 2
    var gap: UInt64 = 0
    var alignment: UInt64 = 1
    var blockElements: UInt64 = 2
    /// The stored bytes of each block.
    var blocks: [[UInt8]] = [[0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]]
    /// Instead of the blocks' own lengths.
    var lengths: [UInt64]?
    /// Instead of the sum of the lengths.
    var stored: UInt64?
    /// Fields that only a later version knows.
    var later: [UInt8] = []
    /// Of the decoded bytes; nil for those of the stored ones.
    var checksum: UInt32?
    /// Bytes in front of the section.
    var padding: [UInt8] = []
    var decoded: Int = 8
  }

  var header = Header()
  var parts: [Part] = [Part()]
  /// Changes the directory's fields before they are stored.
  var deflates = false
  /// Instead of the number of parts, the real sizes, ….
  var change: (inout Footer) -> Void = { _ in }
  var entryLengths: (Int) -> Int = { $0 }
  var extraFields: [UInt8] = []
  /// Changes the fields of all entries before they are stored.
  var fields: ([UInt8]) -> [UInt8] = { $0 }
  var extraChecksums: [UInt8] = []

  var bytes: [UInt8] {
    var out = header.bytes
    var written = FieldWriter()
    var checksums = FieldWriter()
    for part in parts {
      out += part.padding + part.blocks.flatMap { $0 }
      var entry = FieldWriter()
      entry.byte(part.kind)
      entry.string(part.name)
      entry.byte(part.code)
      entry.varint(part.size)
      entry.varint(part.shape.count)
      for dimension in part.shape { entry.varint(dimension) }
      for value in [part.encoding, part.precision] { entry.varint(value) }
      entry.string(part.parameters)
      entry.varint(part.nonzeros)
      entry.varint(part.gap)
      entry.varint(part.stored ?? UInt64(part.blocks.reduce(0) { $0 + $1.count }))
      entry.varint(part.alignment)
      entry.varint(part.blockElements)
      let lengths = part.lengths ?? part.blocks.map { UInt64($0.count) }
      entry.varint(lengths.count)
      for length in lengths { entry.varint(length) }
      entry.append(part.later)
      written.varint(entryLengths(entry.bytes.count))
      written.append(entry.bytes)
      for block in part.blocks { checksums.fixed(Checksum.of(block)) }
      checksums.fixed(part.checksum ?? Checksum.of(part.blocks.flatMap { $0 }))
    }
    let whole = fields(written.bytes) + extraFields
    let stored =
      (deflates ? (try? Zlib.deflate(whole, level: 9)) ?? [] : whole) + checksums.bytes
      + extraChecksums
    var footer = Footer()
    footer.directoryOffset = out.count
    footer.directoryStored = stored.count
    footer.directoryInflated = whole.count
    footer.form = deflates ? .deflated : []
    footer.entries = parts.count
    footer.decodedBytes = parts.reduce(0) { $0 + $1.decoded }
    footer.directoryChecksum = Checksum.of(stored)
    footer.headerChecksum = header.checksum
    out += stored
    footer.fileLength = out.count + Footer.size
    change(&footer)
    return out + footer.bytes
  }

  /// A file with one part, changed.
  static func part(_ change: (inout Part) -> Void) -> [UInt8] {
    var crafted = Crafted()
    change(&crafted.parts[0])
    return crafted.bytes
  }
}
