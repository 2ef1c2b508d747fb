import Documents
import Files

/// A packed file, opened: its list of entries, checked as a whole, over bytes that are read only
/// when somebody asks for them.
public final class PackedFile: Sendable {
  /// By kind, then by name.
  public let entries: [Entry]
  let features: Features
  /// The file's name, for messages.
  public let name: String
  let packed: PackedBytes
  let limits: Limits
  let memory: ReadingMemory
  let pools: PoolPlaces
  /// Where each entry's decoded bytes are to be had; nil where this version cannot decode them.
  let sources: [(any ByteSource)?]
  /// Where in `entries` each tensor is, by name.
  public let tensorPlaces: [String: Int]
  /// The bytes of the file.
  public var fileBytes: Int { packed.source.count }

  /// Whether the bytes begin as a packed file does, whole or damaged.
  public static func recognises(_ source: any ByteSource) -> Bool {
    let name = Header.magic[..<5]
    return source.count >= name.count
      && ((try? source.withBytes(0..<name.count) { $0.elementsEqual(name) }) ?? false)
  }

  /// Opens the packed file in `source`; `name` stands for it in messages.
  ///
  /// Header, footer and directory are checked to the last bit, and nothing is allocated that the
  /// file's real size does not bear out. Throws `CSRMError`.
  public convenience init(
    _ source: any ByteSource, name: String, limits: Limits = .standard
  ) throws {
    try self.init(source, name: name, limits: limits, isChecked: true)
  }

  init(_ source: any ByteSource, name: String, limits: Limits, isChecked: Bool) throws {
    self.name = name
    self.limits = limits
    (features, entries) = try PackedFile.entries(source, name, limits, isChecked)
    tensorPlaces = PackedFile.places(entries)
    memory = try ReadingMemory(limits.memory, for: entries, file: name)
    packed = PackedBytes(source, file: name, memory: memory, isChecked: isChecked)
    pools = try PoolPlaces(entries, file: name)
    sources = PackedFile.sources(entries, packed, pools)
  }

  private static func places(_ entries: [Entry]) -> [String: Int] {
    let tensors = entries.indices.filter { entries[$0].kind == .tensor }
    return Dictionary(
      tensors.map { (entries[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  private static func sources(
    _ entries: [Entry], _ packed: PackedBytes, _ pools: PoolPlaces
  ) -> [(any ByteSource)?] {
    var sources = entries.map { entry -> (any ByteSource)? in
      guard entry.canDecode, let coding = entry.encoding.coding else { return nil }
      switch coding.encoding {
      case .raw: return RawSource(packed, entry)
      case .constant: return ConstantSource(packed, entry)
      case .pooled: return nil
      default: return BlockSource(packed, entry, coding)
      }
    }
    for (index, place) in pools.places {
      guard let pool = sources[place.pool] else { continue }
      sources[index] = PooledSource(
        packed, entries[index], in: pool, place.bytes, stored: entries[place.pool].storedBytes)
    }
    return sources
  }

  private static func entries(
    _ source: any ByteSource, _ name: String, _ limits: Limits, _ isChecked: Bool
  ) throws -> (Features, [Entry]) {
    let length = source.count
    guard length >= Header.size else {
      throw recognises(source)
        ? CSRMError.cutShort(file: name, bytes: length) : .notPacked(file: name)
    }
    func read(_ range: Range<Int>) throws -> [UInt8] { try source.withBytes(range) { Array($0) } }
    let header = try read(0..<Header.size)
    let features = try Header(header, file: name, checked: isChecked).features
    guard length >= Header.size + Footer.size else {
      throw CSRMError.cutShort(file: name, bytes: length)
    }
    let footer = try Footer(
      try read(length - Footer.size..<length), length: length, file: name, checked: isChecked)
    let headerChecksum = Checksum.of(Array(header[..<60]))
    guard footer.headerChecksum == headerChecksum || !isChecked else {
      throw CSRMError.checksum(
        file: name, part: "header, as the footer has it", declared: footer.headerChecksum,
        computed: headerChecksum)
    }
    let stored = footer.directoryOffset..<footer.directoryOffset + footer.directoryStored
    let computed = try source.withBytes(stored) { Checksum.of($0) }
    guard computed == footer.directoryChecksum || !isChecked else {
      throw CSRMError.checksum(
        file: name, part: "directory", declared: footer.directoryChecksum, computed: computed)
    }
    let entries = try Directory.read(try read(stored), footer: footer, file: name)
    try checkSizes(entries, footer, name, limits)
    var end = Header.size
    for entry in entries {
      let isZero = try source.withBytes(end..<entry.section.lowerBound) {
        $0.allSatisfy { $0 == 0 }
      }
      guard isZero else {
        throw CSRMError.malformed(
          file: name, part: "padding at \(end)", what: "has bytes set that must be zero")
      }
      end = entry.section.upperBound
    }
    return (features, entries)
  }

  private static func checkSizes(
    _ entries: [Entry], _ footer: Footer, _ name: String, _ limits: Limits
  ) throws(CSRMError) {
    var total = 0
    for entry in entries {
      let (sum, overflow) = total.addingReportingOverflow(entry.decodedBytes)
      total = overflow ? Int.max : sum
    }
    guard total == footer.decodedBytes else {
      throw .malformed(
        file: name, part: "footer",
        what: "says that all decodes to \(footer.decodedBytes) bytes; the directory says \(total)")
    }
    guard total <= limits.decodedBytes else {
      throw .tooLarge(
        file: name, part: "decoded", found: "\(total) bytes",
        limit: "\(limits.decodedBytes) (--max-size)")
    }
    for entry in entries where entry.kind == .container || entry.kind == .document {
      // These are held whole, so the file itself must bear their size out.
      guard entry.encoding == .raw || entry.encoding == .deflate || entry.encoding.coding == nil,
        entry.decodedBytes <= mostMetadata(stored: entry.storedBytes)
      else {
        throw .tooLarge(
          file: name, part: entry.label, found: "\(entry.decodedBytes) bytes",
          limit: "\(mostMetadata(stored: entry.storedBytes)) for \(entry.storedBytes) stored")
      }
    }
  }

  /// Decoded bytes that a document or description of so many stored bytes may have.
  static func mostMetadata(stored: Int) -> Int { (64 << 20) + 64 * stored }

  /// Threads that may ask for values at once without passing `Limits.memory`; nil where that says
  /// nothing.
  public var mostReaders: Int? { memory.readers }

  /// Whether the original file can be rebuilt to the byte.
  public var holdsOriginal: Bool { entries.contains { $0.kind == .skeleton } }

  /// The decoded bytes of an entry; throws where this version cannot decode them.
  func source(of index: Int) throws(CSRMError) -> any ByteSource {
    if let source = sources[index] { return source }
    throw unreadable(entries[index])
  }

  func unreadable(_ entry: Entry) -> CSRMError {
    let tensor = entry.name.printable()
    return isUnknownPrecision(entry)
      ? .unknownPrecision(file: name, tensor: tensor, precision: entry.precision)
      : .unknownEncoding(file: name, tensor: tensor, id: storedEncoding(of: entry).id)
  }

  /// Whether it is how values were rounded, and not their encoding, that this version does not know.
  func isUnknownPrecision(_ entry: Entry) -> Bool {
    storedEncoding(of: entry).coding != nil && entry.rounding == nil
  }

  /// The encoding that an entry's elements are really in: its own, or its pool's.
  func storedEncoding(of entry: Entry) -> Encoding {
    guard entry.encoding == .pooled else { return entry.encoding }
    return entries.first {
      $0.kind == .pool && $0.element == entry.element && $0.precision == entry.precision
    }?.encoding ?? entry.encoding
  }

  /// The places in `entries` of those of one kind, in order.
  func indices(of kind: Entry.Kind) -> [Int] { entries.indices.filter { entries[$0].kind == kind } }
}
