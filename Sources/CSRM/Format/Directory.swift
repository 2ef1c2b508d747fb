/// The list of a packed file's entries (csrm(5), DIRECTORY): the fields of all of them, deflated
/// where that is shorter, and behind them their checksums, which no coder could shorten.
enum Directory {
  static let mostEntries = 1 << 20
  /// Bytes of fields, inflated.
  static let greatestSize = 256 << 20

  /// Length, kind, name, type, rank, encoding, …: no entry is shorter than this.
  private static let shortestEntry = 14

  struct Stored {
    var bytes: [UInt8]
    var inflated: Int
    var isDeflated: Bool
  }

  /// The fields of `entries`, whose sections follow one another from the header on.
  static func fields(of entries: [Entry]) -> [UInt8] {
    var out = FieldWriter()
    var end = Header.size
    for entry in entries {
      out.string(entry.fields(gap: entry.section.lowerBound - end))
      end = entry.section.upperBound
    }
    return out.bytes
  }

  /// The directory as it is stored. Its length does not depend on the checksums.
  static func stored(_ entries: [Entry], deflated: Bool, file: String) throws(CSRMError) -> Stored {
    let fields = fields(of: entries)
    guard entries.count <= mostEntries else {
      throw .tooLarge(
        file: file, part: "directory", found: "\(entries.count) entries", limit: "\(mostEntries)")
    }
    guard fields.count <= greatestSize else {
      throw .tooLarge(
        file: file, part: "directory", found: "\(fields.count) bytes", limit: "\(greatestSize)")
    }
    let short = deflated ? try Zlib.deflate(fields, level: 9) : fields
    let gains = short.count < fields.count
    var out = FieldWriter()
    out.append(gains ? short : fields)
    for entry in entries {
      for checksum in entry.blockChecksums { out.fixed(checksum) }
      out.fixed(entry.checksum)
    }
    return Stored(bytes: out.bytes, inflated: fields.count, isDeflated: gains)
  }

  /// Reads a directory from its stored bytes, which the footer describes.
  static func read(
    _ stored: [UInt8], footer: Footer, file: String
  ) throws(CSRMError) -> [Entry] {
    let (fields, taken) = try fields(stored, footer: footer, file: file)
    guard footer.entries <= mostEntries, footer.entries <= fields.count / shortestEntry else {
      throw .malformed(
        file: file, part: "footer",
        what: "counts \(footer.entries) entries in \(fields.count) bytes")
    }
    var entries: [Entry] = []
    var reader = FieldReader(fields)
    var end = Header.size
    // Every entry and every block has a checksum behind the fields, which nothing deflates.
    var checksums = (stored.count - taken) / 4
    for number in 0..<footer.entries {
      let entry = try located(file, "directory, entry \(number)") { () throws(Malformed) in
        let length = try reader.count()
        var part = try reader.part(length)
        guard checksums > 0 else { throw Malformed("has no checksum") }
        part.thingsLeft = checksums - 1
        let entry = try Entry(from: &part, after: end, before: footer.directoryOffset)
        if let last = entries.last, !last.precedes(entry) {
          throw Malformed("\(entry.label) does not come after \(last.label)")
        }
        return entry
      }
      end = entry.section.upperBound
      checksums -= entry.blockCount + 1
      entries.append(entry)
    }
    guard reader.isAtEnd else {
      throw .malformed(
        file: file, part: "directory", what: "has \(reader.remaining) bytes behind its last entry")
    }
    guard end == footer.directoryOffset else {
      throw .malformed(
        file: file, part: "directory",
        what: "begins at \(footer.directoryOffset), but the last section ends at \(end)")
    }
    return try withChecksums(FieldReader(stored, taken..<stored.count), entries, file: file)
  }

  private static func fields(
    _ stored: [UInt8], footer: Footer, file: String
  ) throws(CSRMError) -> (fields: [UInt8], taken: Int) {
    let size = footer.directoryInflated
    guard size <= greatestSize else {
      throw .tooLarge(
        file: file, part: "directory", found: "\(size) bytes", limit: "\(greatestSize)")
    }
    guard footer.isDeflated else {
      guard size <= stored.count else {
        throw .malformed(
          file: file, part: "directory", what: "has \(stored.count) bytes of \(size)")
      }
      return (Array(stored[..<size]), size)
    }
    guard size / Zlib.greatestRatio <= stored.count else {
      throw .malformed(
        file: file, part: "directory", what: "inflates \(stored.count) bytes to \(size)")
    }
    var fields = [UInt8](repeating: 0, count: size)
    let taken = try located(file, "directory") { () throws(Malformed) in
      try Zlib.inflate(stored, into: &fields)
    }
    return (fields, taken)
  }

  private static func withChecksums(
    _ table: FieldReader, _ entries: [Entry], file: String
  ) throws(CSRMError) -> [Entry] {
    let words = entries.reduce(0) { $0 + $1.blockCount + 1 }
    guard table.remaining == words * 4 else {
      throw .malformed(
        file: file, part: "directory",
        what: "has \(table.remaining) bytes of checksums where there must be \(words * 4)")
    }
    return try located(file, "directory") { () throws(Malformed) in
      var table = table
      var whole: [Entry] = []
      whole.reserveCapacity(entries.count)
      for entry in entries {
        var blocks: [UInt32] = []
        blocks.reserveCapacity(entry.blockCount)
        for _ in 0..<entry.blockCount { blocks.append(try table.fixed(UInt32.self)) }
        whole.append(entry.with(blockChecksums: blocks, checksum: try table.fixed(UInt32.self)))
      }
      return whole
    }
  }
}

extension Entry {
  /// By kind, then by the bytes of the name; no two are the same.
  func precedes(_ other: Entry) -> Bool {
    if kindCode != other.kindCode { return kindCode < other.kindCode }
    return name.utf8.lexicographicallyPrecedes(other.name.utf8)
  }
}
