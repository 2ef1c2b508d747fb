import Documents
import Files

/// A zip archive as its central directory tells it (PKWARE APPNOTE 6.3, zip64 included).
///
/// Nothing is ever written to a place that a member's name says. Stored members stay where they lie
/// in the file; deflated ones are inflated when they are read.
public struct ZipArchive: Sendable {
  public struct Member: Sendable {
    public internal(set) var name: Name
    public internal(set) var fields: ArchiveMember
    /// The member's bytes: a slice of the archive, or `InflatedBytes`.
    public internal(set) var content: any ByteSource
    /// CRC-32 of the content, as the directory says.
    public internal(set) var checksum: UInt32
  }

  public private(set) var archive = Archive()
  /// In the order of the directory.
  public private(set) var members: [Member] = []
  private let path: String

  static let localSignature: UInt32 = 0x0403_4B50
  static let directorySignature: UInt32 = 0x0201_4B50
  static let endSignature: UInt32 = 0x0605_4B50
  static let end64Signature: UInt32 = 0x0606_4B50
  static let locator64Signature: UInt32 = 0x0706_4B50
  static let descriptorSignature: UInt32 = 0x0807_4B50

  /// A member whose declared size is over both of these may not be unpacked: honest deflate of
  /// weights or JSON stays far below (keras-files.md, section 4).
  static let bombSize = 64 << 20
  public static let bombRatio = 200
  /// The most that deflate can make of one byte: for archives of whose members nothing is known.
  public static let deflateRatio = 1032

  /// Whether `source` begins with a member, or has its end record at the end (bytes may lie in
  /// front).
  public static func recognises(_ source: any ByteSource) throws -> Bool {
    let start = try source.withBytes(0..<min(4, source.count)) { [UInt8]($0) }
    if start == [0x50, 0x4B, 3, 4] || start == [0x50, 0x4B, 5, 6] { return true }
    let end = try? ZipEnd(of: source, place: ZipPlace(path: ""))
    return end.map { $0.entries > 0 && $0.directory.count >= 46 * $0.entries } ?? false
  }

  /// Reads the directory of `source`; `path` is for messages. No member is read yet.
  ///
  /// Throws `ZipError` where the archive is damaged, where a member is encrypted, compressed with
  /// another method than deflate, or declares more than 64 MiB and more than `largestRatio` bytes
  /// for each that is stored.
  public init(
    reading source: any ByteSource, path: String, limits: Limits, largestRatio: Int = bombRatio
  ) throws {
    self.path = path
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
        entry, in: source, end: end, path: path, limits: limits, ratio: largestRatio)
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
    _ entry: ZipEntry, in source: any ByteSource, end: ZipEnd, path: String, limits: Limits,
    ratio: Int
  ) throws -> (Member, Range<Int>) {
    let place = ZipPlace(path: path, member: entry.name)
    try check(entry, place, limits, ratio)
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
  private static func check(
    _ entry: ZipEntry, _ place: ZipPlace, _ limits: Limits, _ ratio: Int
  ) throws(ZipError) {
    guard entry.fields.flags & 1 == 0 else {
      throw place.unsupported(
        "is encrypted", advice: "Unpack it with its password and zip it again without one.")
    }
    guard entry.fields.method == 0 || entry.fields.method == 8 else {
      throw place.unsupported(
        "is compressed with method \(methodName(entry.fields.method))",
        advice: "Only stored and deflated members are read: zip it again with one of these.")
    }
    let (allowed, wraps) = entry.stored.multipliedReportingOverflow(by: ratio)
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
  public func member(named name: String) throws(ZipError) -> Member? {
    let found = members.filter { $0.name == Name(name) }
    guard found.count < 2 else {
      throw ZipPlace(path: path, member: found[0].name).damaged("is there twice (duplicate)")
    }
    return found.first
  }

  /// Checks a stored member against its checksum. Deflated ones are checked as they are read.
  public func check(_ member: Member) throws {
    guard member.fields.method == 0, try CRC32.of(member.content) != member.checksum else { return }
    throw ZipPlace(path: path, member: member.name).damaged("has a wrong CRC checksum")
  }
}
