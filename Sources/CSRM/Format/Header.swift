/// The first 64 bytes of a packed file (csrm(5), HEADER).
struct Header: Equatable {
  static let size = 64
  /// A byte outside ASCII, the name, and the line endings that a transfer in text mode changes.
  static let magic: [UInt8] = [0x89, 0x43, 0x53, 0x52, 0x4D, 0x0D, 0x0A, 0x1A]
  static let major: UInt16 = 1
  /// Of files that a reader of version 1.0 reads as well as one of 1.1, and of others: those with
  /// features, or with the encodings that came with 1.1. A file has the lowest that holds what may
  /// be in it.
  static let minor: (first: UInt16, second: UInt16) = (0, 1)

  var major = Header.major
  var minor = Header.minor.first
  var required: UInt32 = 0
  var optional: UInt32 = 0

  private var fields: [UInt8] {
    var out = FieldWriter()
    out.append(Header.magic)
    out.fixed(major)
    out.fixed(minor)
    out.fixed(required)
    out.fixed(optional)
    out.append([UInt8](repeating: 0, count: 40))
    return out.bytes
  }

  /// Over the bytes in front of it. (A checksum over itself as well would be the same for every
  /// header.)
  var checksum: UInt32 { Checksum.of(fields) }

  var bytes: [UInt8] {
    var out = FieldWriter()
    out.append(fields)
    out.fixed(checksum)
    return out.bytes
  }

  init() {}

  /// The header of a file that makes use of `features`, and may make use of the encodings that came
  /// with version 1.1; of the lowest version that has them.
  init(_ features: Features, codesFloats: Bool) {
    required = features.rawValue
    if !features.isEmpty || codesFloats { minor = Header.minor.second }
  }

  /// Forms of the directory that a reader of the header's version knows.
  var directoryForms: Directory.Form { minor == Header.minor.first ? .deflated : .known }

  /// The required features that this version knows, which are all of those of a file that it reads.
  var features: Features { Features(rawValue: required) }

  /// Reads and checks the first 64 bytes of `file`; `checked` is off only where tests look at what
  /// lies behind the checksum.
  init(_ bytes: [UInt8], file: String, checked: Bool) throws(CSRMError) {
    guard bytes.starts(with: Header.magic) else {
      let name = Header.magic[..<5]
      throw bytes.starts(with: name) ? .textMode(file: file) : .notPacked(file: file)
    }
    let declared = try located(file, "header") { () throws(Malformed) in
      var reader = FieldReader(bytes, 8..<Header.size)
      major = try reader.fixed(UInt16.self)
      minor = try reader.fixed(UInt16.self)
      required = try reader.fixed(UInt32.self)
      optional = try reader.fixed(UInt32.self)
      _ = try reader.part(40)
      return try reader.fixed(UInt32.self)
    }
    let computed = Checksum.of(Array(bytes[..<60]))
    guard declared == computed || !checked else {
      throw .checksum(file: file, part: "header", declared: declared, computed: computed)
    }
    // Only now: a version or a feature is believed when it is known to be what was written.
    guard major == Header.major else { throw .otherVersion(file: file, major: Int(major)) }
    let unknown = required & ~Features.known.rawValue
    guard unknown == 0 else {
      throw .requiredFeature(file: file, bit: unknown.trailingZeroBitCount)
    }
    guard bytes[20..<60].allSatisfy({ $0 == 0 }) else {
      throw .malformed(file: file, part: "header", what: "has bytes set that must be zero")
    }
  }
}
