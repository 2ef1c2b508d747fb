/// The list of a packed file's entries (csrm(5), DIRECTORY): the fields of all of them, deflated
/// where that is shorter, and behind them their checksums, which no coder could shorten.
enum Directory {
  static let mostEntries = 1 << 20
  /// Bytes of fields, inflated.
  static let greatestSize = 256 << 20

  /// Length, kind, name, type, rank, encoding, …: no entry is shorter than this.
  private static let shortestEntry = 14

  /// How the fields of all entries are stored.
  struct Form: OptionSet, Sendable {
    let rawValue: UInt32

    static let deflated = Form(rawValue: 1 << 0)
    /// By columns, and without the checksums that follow from others.
    static let columns = Form(rawValue: 1 << 1)

    static let known: Form = [.deflated, .columns]
  }

  struct Stored {
    var bytes: [UInt8]
    var inflated: Int
    var form: Form
  }

  /// The fields of `entries`, whose sections follow one another from the header on.
  private static func fields(of entries: [Entry]) -> [EntryFields] {
    var end = Header.size
    return entries.map { entry in
      defer { end = entry.section.upperBound }
      return entry.fields(gap: entry.section.lowerBound - end)
    }
  }

  /// The directory as it is stored, in the shortest of its forms that `allowed` has room for. Its
  /// length does not depend on the checksums.
  static func stored(
    _ entries: [Entry], allowed: Form, file: String
  ) throws(CSRMError) -> Stored {
    guard entries.count <= mostEntries else {
      throw .tooLarge(
        file: file, part: "directory", found: "\(entries.count) entries", limit: "\(mostEntries)")
    }
    let fields = fields(of: entries)
    var rows = FieldWriter()
    for entry in fields { rows.string(entry.bytes) }
    guard rows.bytes.count <= greatestSize else {
      throw .tooLarge(
        file: file, part: "directory", found: "\(rows.bytes.count) bytes", limit: "\(greatestSize)")
    }
    var best = try stored(rows.bytes, checksums(of: entries, in: []), allowed, [])
    if allowed.contains(.columns) {
      let columns = try stored(
        DirectoryColumns.bytes(of: fields), checksums(of: entries, in: .columns), allowed, .columns)
      // Names that are read from few bytes have to be believed of so many entries.
      if columns.bytes.count < best.bytes.count, entries.count <= columns.bytes.count,
        rows.bytes.count <= mostNames(columns.bytes.count)
      {
        best = columns
      }
    }
    return best
  }

  private static func stored(
    _ fields: [UInt8], _ checksums: [UInt8], _ allowed: Form, _ form: Form
  ) throws(CSRMError) -> Stored {
    let short = allowed.contains(.deflated) ? try Zlib.deflate(fields, level: 9) : fields
    return short.count < fields.count
      ? Stored(bytes: short + checksums, inflated: fields.count, form: form.union(.deflated))
      : Stored(bytes: fields + checksums, inflated: fields.count, form: form)
  }

  /// Of each entry those of its blocks, and its own unless it follows from others in this form.
  private static func checksums(of entries: [Entry], in form: Form) -> [UInt8] {
    var out = FieldWriter()
    for entry in entries {
      for checksum in entry.blockChecksums { out.fixed(checksum) }
      if hasOwnChecksum(entry, in: form) { out.fixed(entry.checksum ?? 0) }
    }
    return out.bytes
  }

  /// Raw bytes are decoded as they are stored, and the pool's checksum is over all that is in it.
  private static func hasOwnChecksum(_ entry: Entry, in form: Form) -> Bool {
    !form.contains(.columns) || (entry.encoding != .raw && entry.encoding != .pooled)
  }

  /// Bytes of names and other fields that a directory of so many stored bytes may come to.
  private static func mostNames(_ stored: Int) -> Int {
    min(greatestSize, stored * Zlib.greatestRatio)
  }

  /// Reads a directory from its stored bytes, which the footer describes.
  static func read(
    _ stored: [UInt8], footer: Footer, file: String
  ) throws(CSRMError) -> [Entry] {
    let (written, taken) = try fields(stored, footer: footer, file: file)
    let fewest = footer.form.contains(.columns) ? DirectoryColumns.fewestBytes : shortestEntry
    guard footer.entries <= mostEntries, footer.entries <= written.count / fewest else {
      throw .malformed(
        file: file, part: "footer",
        what: "counts \(footer.entries) entries in \(written.count) bytes")
    }
    let fields = try rows(written, stored.count, footer, file: file)
    var entries: [Entry] = []
    var reader = FieldReader(fields)
    var end = Header.size
    // Every block has a checksum behind the fields, which nothing deflates.
    var checksums = (stored.count - taken) / 4
    for number in 0..<footer.entries {
      let entry = try located(file, "directory, entry \(number)") { () throws(Malformed) in
        let length = try reader.count()
        var part = try reader.part(length)
        part.thingsLeft = checksums
        let entry = try Entry(from: &part, after: end, before: footer.directoryOffset)
        if let last = entries.last, !last.precedes(entry) {
          throw Malformed("\(entry.label) does not come after \(last.label)")
        }
        let own = entry.blockCount + (hasOwnChecksum(entry, in: footer.form) ? 1 : 0)
        guard own <= checksums else { throw Malformed("has no checksum") }
        checksums -= own
        return entry
      }
      end = entry.section.upperBound
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
    return try withChecksums(
      FieldReader(stored, taken..<stored.count), entries, in: footer.form, file: file)
  }

  /// `fields` entry by entry, whatever form they were stored in.
  private static func rows(
    _ fields: [UInt8], _ stored: Int, _ footer: Footer, file: String
  ) throws(CSRMError) -> [UInt8] {
    guard footer.form.contains(.columns) else { return fields }
    // An entry takes a few hundred bytes in memory, and hardly any in columns that are all alike.
    guard footer.entries <= stored else {
      throw .malformed(
        file: file, part: "footer", what: "counts \(footer.entries) entries in \(stored) bytes")
    }
    return try located(file, "directory") { () throws(Malformed) in
      var rows = FieldWriter()
      let entries = try DirectoryColumns.entries(
        in: fields, count: footer.entries, most: mostNames(stored))
      for entry in entries { rows.string(entry.bytes) }
      return rows.bytes
    }
  }

  private static func fields(
    _ stored: [UInt8], footer: Footer, file: String
  ) throws(CSRMError) -> (fields: [UInt8], taken: Int) {
    let size = footer.directoryInflated
    guard size <= greatestSize else {
      throw .tooLarge(
        file: file, part: "directory", found: "\(size) bytes", limit: "\(greatestSize)")
    }
    guard footer.form.contains(.deflated) else {
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
    _ table: FieldReader, _ entries: [Entry], in form: Form, file: String
  ) throws(CSRMError) -> [Entry] {
    let words = entries.reduce(0) { $0 + $1.blockCount + (hasOwnChecksum($1, in: form) ? 1 : 0) }
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
        var own: UInt32?
        if hasOwnChecksum(entry, in: form) {
          own = try table.fixed(UInt32.self)
        } else if entry.encoding == .raw {
          own = blocks.indices.reduce(0) {
            Checksum.combine($0, blocks[$1], lengthOfB: entry.storedBlock($1).count)
          }
        }
        whole.append(entry.with(blockChecksums: blocks, checksum: own))
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
