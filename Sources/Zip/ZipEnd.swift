import Documents
import Files

/// The end of an archive, which says where its directory is (APPNOTE 4.3.14 to 4.3.16).
struct ZipEnd {
  /// Bytes of the file that the central directory takes.
  let directory: Range<Int>
  let entries: Int
  /// What to add to the archive's offsets: the length of bytes put in front of it later.
  let shift: Int
  let comment: [UInt8]

  init(of source: any ByteSource, place: ZipPlace) throws {
    let tailStart = max(0, source.count - 22 - 0xFFFF)
    let tail = try source.withBytes(tailStart..<source.count) { [UInt8]($0) }
    guard let at = Self.lastEnd(in: tail) else {
      throw place.damaged("is truncated: its central directory is missing")
    }
    var fields = ZipFields(tail[(at + 4)...])
    guard let disk = fields.uint16(), let firstDisk = fields.uint16(), fields.uint16() != nil,
      let entries = fields.uint16(), let size = fields.uint32(), let offset = fields.uint32(),
      let commentCount = fields.uint16()
    else { throw place.damaged("has a corrupt end record") }
    guard disk == firstDisk || disk == .max else {
      throw place.unsupported("is split over several files", advice: "Join it first.")
    }
    comment = fields.array(commentCount) ?? Array(tail[(at + 22)...])
    var numbers = (entries: Int(entries), size: Int(size), offset: Int(offset), end: tailStart + at)
    if let wide = try Self.zip64(before: numbers.end, in: source, place) { numbers = wide }
    guard numbers.size <= numbers.end else {
      throw place.damaged("is truncated: its central directory does not fit in the file")
    }
    let start = numbers.end - numbers.size
    guard numbers.offset <= start else {
      throw place.damaged("has a central directory that is not where it says: truncated or corrupt")
    }
    directory = start..<numbers.end
    shift = start - numbers.offset
    self.entries = numbers.entries
  }

  /// Where the last end record begins, preferring one whose comment ends with the file.
  private static func lastEnd(in tail: [UInt8]) -> Int? {
    var last: Int?
    for at in stride(from: tail.count - 22, through: 0, by: -1)
    where tail[at] == 0x50 && tail[at..<at + 4].elementsEqual([0x50, 0x4B, 0x05, 0x06]) {
      let comment = Int(tail[at + 20]) | Int(tail[at + 21]) << 8
      if at + 22 + comment == tail.count { return at }
      last = last ?? at
    }
    return last
  }

  /// The numbers of the zip64 end record, where a locator in front of the end record says there is one.
  private static func zip64(
    before end: Int, in source: any ByteSource, _ place: ZipPlace
  ) throws -> (entries: Int, size: Int, offset: Int, end: Int)? {
    guard end >= 20 + 56 else { return nil }
    let bytes = try source.withBytes(end - 76..<end) { [UInt8]($0) }
    var locator = ZipFields(bytes[56...])
    guard locator.uint32() == ZipArchive.locator64Signature else { return nil }
    var record = ZipFields(bytes[..<56])
    guard record.uint32() == ZipArchive.end64Signature, record.run(20) != nil,
      record.number(8) != nil,
      let entries = record.offset64(), let size = record.offset64(), let offset = record.offset64()
    else { throw place.damaged("has a corrupt zip64 end record") }
    return (entries, size, offset, end - 76)
  }
}

/// One entry of the central directory (APPNOTE 4.3.12), after its signature.
struct ZipEntry {
  var name: Name
  var fields = ArchiveMember()
  var checksum: UInt32
  /// Bytes in the archive and once unpacked.
  var stored: Int
  var size: Int
  /// Of the local header, as the archive counts.
  var offset: Int

  init?(_ bytes: inout ZipFields) {
    guard let madeBy = bytes.uint16(), let needed = bytes.uint16(), let flags = bytes.uint16(),
      let method = bytes.uint16(), let time = bytes.uint16(), let date = bytes.uint16(),
      let checksum = bytes.uint32(), let stored = bytes.uint32(), let size = bytes.uint32(),
      let nameCount = bytes.uint16(), let extraCount = bytes.uint16(),
      let commentCount = bytes.uint16(),
      bytes.uint16() != nil, let inside = bytes.uint16(), let outside = bytes.uint32(),
      let offset = bytes.uint32(), let name = bytes.array(nameCount),
      let extra = bytes.array(extraCount),
      let comment = bytes.array(commentCount)
    else { return nil }
    self.name = Name(bytes: name)
    self.checksum = checksum
    self.stored = Int(stored)
    self.size = Int(size)
    self.offset = Int(offset)
    fields.versionMadeBy = madeBy
    fields.versionNeeded = needed
    fields.flags = flags
    fields.method = method
    fields.time = time
    fields.date = date
    fields.internalAttributes = inside
    fields.externalAttributes = outside
    fields.comment = comment
    let (zip64, rest) = ZipExtra.split(extra)
    fields.centralExtra = rest
    guard let zip64 else { return }
    var wide = ZipFields(zip64)
    for field in [\ZipEntry.size, \.stored, \.offset] where self[keyPath: field] == UInt32.max {
      guard let number = wide.offset64() else { return nil }
      self[keyPath: field] = number
    }
  }
}
