import Documents
import Files

/// A zip archive as its central directory tells it (PKWARE APPNOTE 6.3, zip64 included).
///
/// Nothing is ever written to a place that a member's name says. Stored members stay where they lie
/// in the file; deflated ones are inflated when they are read.
struct ZipArchive {
  struct Member {
    var name: Name
    var fields: ArchiveMember
    var content: any ByteSource
    var checksum: UInt32
  }

  var archive = Archive()
  var members: [Member] = []

  static let localSignature: UInt32 = 0x0403_4B50
  static let directorySignature: UInt32 = 0x0201_4B50
  static let endSignature: UInt32 = 0x0605_4B50
  static let end64Signature: UInt32 = 0x0606_4B50
  static let locator64Signature: UInt32 = 0x0706_4B50
  static let descriptorSignature: UInt32 = 0x0807_4B50

  /// A member whose declared size is over both of these may not be unpacked: honest deflate of
  /// weights or JSON stays far below (keras-files.md, section 4).
  static let bombSize = 64 << 20
  static let bombRatio = 200

  init() {}

  /// Reads the directory of `source`; `path` is for messages. No member is read yet.
  init(reading source: any ByteSource, path: String, limits: Limits) throws {
    let place = ZipPlace(path: path)
    let end = try ZipEnd(of: source, place: place)
    archive.comment = end.comment
    let directory = try source.withBytes(end.directory) { [UInt8]($0) }
    var fields = ZipFields(directory[...])
    var extents: [Range<Int>] = []
    var first = end.directory.lowerBound
    while let signature = fields.uint32() {
      guard signature == Self.directorySignature, let entry = ZipEntry(&fields) else {
        throw place.damaged("has a corrupt central directory")
      }
      let (member, extent) = try Self.member(
        entry, in: source, end: end, path: path, limits: limits)
      members.append(member)
      extents.append(extent)
      first = min(first, extent.lowerBound)
    }
    guard members.count == end.entries else {
      throw place.damaged(
        "has a central directory of \(members.count) members where \(end.entries) were announced")
    }
    extents.sort { $0.lowerBound < $1.lowerBound }
    for (one, next) in zip(extents, extents.dropFirst()) where next.lowerBound < one.upperBound {
      throw place.unsafe("has members that overlap (a zip bomb?)")
    }
    guard first <= Self.bombSize else {
      throw place.unsafe("begins only after \(first) other bytes")
    }
    archive.prefix = try source.withBytes(0..<first) { [UInt8]($0) }
  }

  /// The member of a directory entry, and the bytes of the file that it takes with its header.
  private static func member(
    _ entry: ZipEntry, in source: any ByteSource, end: ZipEnd, path: String, limits: Limits
  ) throws -> (Member, Range<Int>) {
    let place = ZipPlace(path: path, member: entry.name)
    try check(entry, place, limits)
    let limit = end.directory.lowerBound
    let (start, wraps) = entry.offset.addingReportingOverflow(end.shift)
    guard !wraps, start >= 0, start <= limit - 30 else {
      throw place.damaged("lies outside the file: the archive is truncated or corrupt")
    }
    let header = try source.withBytes(start..<start + 30) { [UInt8]($0) }
    var fields = ZipFields(header[...])
    guard fields.uint32() == localSignature, fields.uint16() != nil, let flags = fields.uint16(),
      let method = fields.uint16(), fields.uint32() != nil, let crc = fields.uint32(),
      let stored = fields.uint32(), let size = fields.uint32(), let nameCount = fields.uint16(),
      let extraCount = fields.uint16()
    else { throw place.damaged("has a corrupt local header") }
    let nameStart = start + 30
    let dataStart = nameStart + Int(nameCount) + Int(extraCount)
    guard dataStart <= limit, entry.stored <= limit - dataStart else {
      throw place.damaged("is cut off: its data does not fit in the file")
    }
    let texts = try source.withBytes(nameStart..<dataStart) { [UInt8]($0) }
    guard texts.prefix(Int(nameCount)).elementsEqual(entry.name.bytes),
      method == entry.fields.method,
      flags & 1 == entry.fields.flags & 1
    else {
      throw place.damaged("is described differently in its header and in the central directory")
    }
    if flags & 8 == 0 {
      // Sizes and checksum stand in the header too (all ones where a zip64 block holds the size).
      guard crc == entry.checksum, stored == .max || Int(stored) == entry.stored,
        size == .max || Int(size) == entry.size
      else {
        throw place.damaged("has another size or CRC in its header than in the central directory")
      }
    }
    var member = Member(
      name: entry.name, fields: entry.fields, content: MemoryBytes([]), checksum: entry.checksum)
    member.fields.localExtra = ZipExtra.split(Array(texts.dropFirst(Int(nameCount)))).rest
    let data = ByteSlice(source, dataStart..<dataStart + entry.stored)
    if method == 0 {
      guard entry.size == entry.stored else {
        throw place.damaged(
          "is stored, but has a size of \(entry.size) for \(entry.stored) stored bytes")
      }
      member.content = data
    } else {
      member.content = InflatedBytes(
        data, count: entry.size, checksum: entry.checksum, place: place)
    }
    return (member, start..<dataStart + entry.stored)
  }

  /// Refuses what is not read at all: encryption, other methods, bombs.
  private static func check(_ entry: ZipEntry, _ place: ZipPlace, _ limits: Limits) throws {
    guard entry.fields.flags & 1 == 0 else {
      throw place.unsupported(
        "is encrypted", advice: "Unpack it with its password and zip it again without one.")
    }
    guard entry.fields.method == 0 || entry.fields.method == 8 else {
      throw place.unsupported(
        "is compressed with method \(methodName(entry.fields.method))",
        advice: "Only stored and deflated members are read: zip it again with one of these.")
    }
    let (allowed, wraps) = entry.stored.multipliedReportingOverflow(by: bombRatio)
    guard entry.size <= bombSize || wraps || entry.size <= allowed else {
      throw place.unsafe(
        "declares \(entry.size) bytes for \(entry.stored) stored ones (a zip bomb?)")
    }
    guard entry.size <= limits.decodedBytes else {
      throw place.unsafe(
        "is too large: it declares \(entry.size) bytes, over the bound of \(limits.decodedBytes)")
    }
  }

  private static func methodName(_ method: UInt16) -> String {
    let names: [UInt16: String] = [
      1: "shrink", 6: "implode", 9: "deflate64", 12: "bzip2", 14: "lzma", 93: "zstd", 95: "xz",
    ]
    return names[method].map { "\(method) (\($0))" } ?? "\(method)"
  }

  /// The member of that name, of which there must be at most one.
  func member(named name: String, path: String) throws(KerasError) -> Member? {
    let found = members.filter { $0.name == Name(name) }
    guard found.count < 2 else {
      throw ZipPlace(path: path, member: found[0].name).damaged("is there twice (duplicate)")
    }
    return found.first
  }
}
