import CZlib
import Documents
import Files

/// Writes an archive member by member, each as its `ArchiveMember` says: method, times, flags, extra
/// fields. What was read and not changed comes out byte for byte.
///
/// A member's header is written last, over the place kept for it, so that its bytes are read once.
public struct ZipWriter {
  private let output: OutputFile
  private var directory: [UInt8] = []
  private var entries = 0
  private let comment: [UInt8]

  /// Writes the bytes in front of the archive.
  public init(_ archive: Archive, to output: OutputFile) throws {
    self.output = output
    comment = archive.comment
    try output.write(archive.prefix)
  }

  /// Writes a member. Throws `ZipError` where the format has no room for what `member` says.
  public mutating func add(_ name: Name, _ member: ArchiveMember, content: any ByteSource) throws {
    try check(name, member)
    let start = output.count
    let limit = Int(UInt32.max)
    let mostStored = content.count + content.count / 1000 + 4096
    // Python marks a member it wrote with room for zip64 sizes by this version.
    let isWide = mostStored >= limit || member.versionNeeded >= 45
    var fields = member
    fields.versionNeeded = max(member.versionNeeded, isWide ? 45 : 0)
    let hasDescriptor = member.flags & 8 != 0
    try output.write(Self.local(name, fields, 0, 0, 0, isWide: isWide, isDeferred: true))

    var checksum: UInt32 = 0
    let dataStart = output.count
    if member.method == 0 {
      for piece in stride(from: 0, to: content.count, by: CRC32.pieceSize) {
        try content.withBytes(piece..<min(content.count, piece + CRC32.pieceSize)) { bytes in
          checksum = CRC32.update(checksum, bytes)
          try output.write(bytes)
          Passage.add(bytes.count)
        }
      }
    } else if let unchanged = content as? InflatedBytes {
      checksum = unchanged.checksum
      try unchanged.compressed.copy(to: output)
    } else {
      checksum = try Deflation.deflate(content, to: output)
    }
    let stored = output.count - dataStart

    if hasDescriptor {
      var descriptor: [UInt8] = []
      descriptor.append32(ZipArchive.descriptorSignature)
      descriptor.append32(checksum)
      for size in [stored, content.count] {
        if isWide { descriptor.append64(size) } else { descriptor.append32(UInt32(size)) }
      }
      try output.write(descriptor)
    }
    let header = Self.local(
      name, fields, checksum, stored, content.count, isWide: isWide, isDeferred: hasDescriptor)
    try header.withUnsafeBytes { try output.write($0, at: start) }
    enter(name, fields, checksum, stored, content.count, start)
  }

  /// Refuses what the format has no room for: a packed file may claim anything of a member.
  private func check(_ name: Name, _ member: ArchiveMember) throws(ZipError) {
    let longest =
      [name.bytes, member.localExtra, member.centralExtra, member.comment, comment]
      .map(\.count).max() ?? 0
    guard longest <= Int(UInt16.max) - 32, member.method == 0 || member.method == 8 else {
      throw .cannotWrite(
        path: output.path, what: "member '\(name.printable)' does not fit in a zip archive",
        advice: "Verify the input: it may be damaged.")
    }
  }

  /// The local header; with `isDeferred`, sizes and checksum are left to a descriptor.
  private static func local(
    _ name: Name, _ fields: ArchiveMember, _ checksum: UInt32, _ stored: Int, _ size: Int,
    isWide: Bool, isDeferred: Bool
  ) -> [UInt8] {
    let sizes = isDeferred ? (0, 0) : (stored, size)
    let extra = ZipExtra.joined(zip64: isWide ? [sizes.1, sizes.0] : [], rest: fields.localExtra)
    var bytes: [UInt8] = []
    bytes.append32(ZipArchive.localSignature)
    for field in [fields.versionNeeded, fields.flags, fields.method, fields.time, fields.date] {
      bytes.append16(field)
    }
    bytes.append32(isDeferred ? 0 : checksum)
    bytes.append32(isWide ? .max : UInt32(sizes.0))
    bytes.append32(isWide ? .max : UInt32(sizes.1))
    bytes.append16(UInt16(name.bytes.count))
    bytes.append16(UInt16(extra.count))
    return bytes + name.bytes + extra
  }

  private mutating func enter(
    _ name: Name, _ fields: ArchiveMember, _ checksum: UInt32, _ stored: Int, _ size: Int,
    _ offset: Int
  ) {
    let limit = Int(UInt32.max)
    var wide: [Int] = []
    // All or nothing for the sizes, as Python does it.
    let wideSizes = size >= limit || stored >= limit
    if wideSizes { wide += [size, stored] }
    if offset >= limit { wide.append(offset) }
    let extra = ZipExtra.joined(zip64: wide, rest: fields.centralExtra)
    directory.append32(ZipArchive.directorySignature)
    for field in [
      fields.versionMadeBy, fields.versionNeeded, fields.flags, fields.method, fields.time,
      fields.date,
    ] { directory.append16(field) }
    directory.append32(checksum)
    directory.append32(wideSizes ? .max : UInt32(stored))
    directory.append32(wideSizes ? .max : UInt32(size))
    for count in [name.bytes.count, extra.count, fields.comment.count, 0] {
      directory.append16(UInt16(count))
    }
    directory.append16(fields.internalAttributes)
    directory.append32(fields.externalAttributes)
    directory.append32(offset >= limit ? .max : UInt32(offset))
    directory += name.bytes + extra + fields.comment
    entries += 1
  }

  /// Writes the central directory and the end.
  public mutating func finish() throws {
    let start = output.count
    try output.write(directory)
    let limit = Int(UInt32.max)
    var end: [UInt8] = []
    if entries >= Int(UInt16.max) || start >= limit || directory.count >= limit {
      end.append32(ZipArchive.end64Signature)
      end.append64(44)
      end.append16(45)
      end.append16(45)
      end.append64(0)
      for number in [entries, entries, directory.count, start] { end.append64(number) }
      end.append32(ZipArchive.locator64Signature)
      end.append32(0)
      end.append64(start + directory.count)
      end.append32(1)
    }
    end.append32(ZipArchive.endSignature)
    end.append32(0)
    for _ in 0..<2 { end.append16(UInt16(min(entries, Int(UInt16.max)))) }
    end.append32(UInt32(min(directory.count, limit)))
    end.append32(UInt32(min(start, limit)))
    end.append16(UInt16(comment.count))
    try output.write(end + comment)
  }
}

extension ByteSource {
  /// Writes all of the bytes, a piece at a time.
  func copy(to sink: any ByteSink) throws {
    for piece in stride(from: 0, to: count, by: CRC32.pieceSize) {
      try withBytes(piece..<min(count, piece + CRC32.pieceSize)) { try sink.write($0) }
    }
  }
}
