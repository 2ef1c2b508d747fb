/// Writes the fields that directory, documents and descriptors are made of: bytes, varints,
/// little-endian integers, and byte strings behind their length.
struct FieldWriter {
  private(set) var bytes: [UInt8] = []

  mutating func byte(_ value: UInt8) { bytes.append(value) }

  /// LEB128: seven bits a byte, lowest first, the top bit set on all but the last; shortest form.
  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func varint(_ value: Int) {
    precondition(value >= 0)
    varint(UInt64(value))
  }

  /// `value` as it lies in memory on a little-endian machine.
  mutating func fixed<Word: FixedWidthInteger>(_ value: Word) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// The length as a varint, then the bytes.
  mutating func string(_ value: [UInt8]) {
    varint(value.count)
    bytes.append(contentsOf: value)
  }

  mutating func string(_ value: String) { string(Array(value.utf8)) }

  mutating func append(_ other: some Sequence<UInt8>) { bytes.append(contentsOf: other) }
}
