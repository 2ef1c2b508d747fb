/// The last 64 bytes of a packed file (csrm(5), FOOTER): where its directory is.
struct Footer: Equatable {
  static let size = 64
  /// "MRSC": the header's name backwards.
  static let magic: [UInt8] = [0x4D, 0x52, 0x53, 0x43]

  var directoryOffset = 0
  /// Fields as stored, and the checksums behind them.
  var directoryStored = 0
  /// The fields once inflated.
  var directoryInflated = 0
  /// How the fields are stored.
  var form = Directory.Form()
  var entries = 0
  /// The whole file, footer included.
  var fileLength = 0
  /// Decoded bytes of all entries.
  var decodedBytes = 0
  var directoryChecksum: UInt32 = 0
  var headerChecksum: UInt32 = 0

  init() {}

  var bytes: [UInt8] {
    var out = FieldWriter()
    out.fixed(UInt64(directoryOffset))
    out.fixed(UInt64(directoryStored))
    out.fixed(UInt64(directoryInflated))
    out.fixed(form.rawValue)
    out.fixed(UInt32(entries))
    out.fixed(UInt64(fileLength))
    out.fixed(UInt64(decodedBytes))
    out.fixed(directoryChecksum)
    out.fixed(headerChecksum)
    out.fixed(Checksum.of(out.bytes))
    out.append(Footer.magic)
    return out.bytes
  }
}

extension Footer {
  /// Reads and checks the last 64 bytes of a file of `length` bytes.
  init(_ bytes: [UInt8], length: Int, file: String, checked: Bool) throws(CSRMError) {
    guard bytes.suffix(4).elementsEqual(Footer.magic) else {
      throw .cutShort(file: file, bytes: length)
    }
    let (codec, declared) = try located(file, "footer") { () throws(Malformed) in
      var reader = FieldReader(bytes)
      directoryOffset = try reader.fixedSize()
      directoryStored = try reader.fixedSize()
      directoryInflated = try reader.fixedSize()
      let codec = try reader.fixed(UInt32.self)
      entries = Int(try reader.fixed(UInt32.self))
      fileLength = try reader.fixedSize()
      decodedBytes = try reader.fixedSize()
      directoryChecksum = try reader.fixed(UInt32.self)
      headerChecksum = try reader.fixed(UInt32.self)
      return (codec, try reader.fixed(UInt32.self))
    }
    form = Directory.Form(rawValue: codec)
    let computed = Checksum.of(Array(bytes[..<56]))
    guard declared == computed || !checked else {
      throw .checksum(file: file, part: "footer", declared: declared, computed: computed)
    }
    try located(file, "footer") { () throws(Malformed) in
      guard form.isSubset(of: .known) else { throw Malformed("has directory codec \(codec)") }
      // A file inside another (appended, or cut at the front) has a true footer in a false place.
      guard fileLength == length else {
        throw Malformed("says that the file has \(fileLength) bytes; it has \(length)")
      }
      guard directoryOffset >= Header.size, directoryOffset <= length - Footer.size,
        directoryStored == length - Footer.size - directoryOffset
      else { throw Malformed("has a directory that does not end where the footer begins") }
    }
  }
}
