/// Looks over a datatype message before the library does, which follows the counts and lengths in
/// one without asking whether the message is that long (HDF5 file format specification 3.0,
/// section IV.A.2.d).
struct TypeCheck {
  /// The whole file.
  let bytes: UnsafeRawBufferPointer
  /// Where the message ends.
  let end: Int

  private static let trouble = Trouble.damaged("a datatype that is longer than its message")

  /// Where the type that begins at `start` ends, and the size of an element.
  func verify(_ start: Int, depth: Int = 0) throws(Trouble) -> (end: Int, size: Int) {
    guard depth < 64, start + 8 <= end else { throw Self.trouble }
    let version = bytes[start] >> 4
    let flags = Int(bytes[start + 1]) | Int(bytes[start + 2]) << 8
    let size = Int(bytes.loadUnaligned(fromByteOffset: start + 4, as: UInt32.self).littleEndian)
    let properties = start + 8
    var at: Int
    switch bytes[start] & 15 {
    case 0, 4: at = properties + 4
    case 1: at = properties + 12
    case 2: at = properties + 2
    case 3, 7: at = properties
    case 5: at = properties + flags & 0xff
    case 6:
      at = properties
      for _ in 0..<flags {
        at = try skipName(at, isPadded: version < 3)
        at +=
          version == 1
          ? 32 : version == 2 ? 4 : max(1, (size.bitWidth - size.leadingZeroBitCount + 7) / 8)
        at = try verify(at, depth: depth + 1).end
      }
    case 8:
      let base = try verify(properties, depth: depth + 1)
      at = base.end
      for _ in 0..<flags { at = try skipName(at, isPadded: version < 3) }
      at += flags.saturatingTimes(base.size)
    case 9: at = try verify(properties, depth: depth + 1).end
    case 10:
      guard properties < end else { throw Self.trouble }
      let rank = Int(bytes[properties])
      at = properties + (version < 3 ? 4 + 8 * rank : 1 + 4 * rank)
      at = try verify(at, depth: depth + 1).end
    // A class of a later version; the library says so.
    default: at = properties
    }
    guard at <= end else { throw Self.trouble }
    return (at, size)
  }

  /// Behind the name at `start`: a string with its zero, padded to 8 bytes in older versions.
  private func skipName(_ start: Int, isPadded: Bool) throws(Trouble) -> Int {
    guard start < end, let zero = bytes[start..<end].firstIndex(of: 0) else { throw Self.trouble }
    let length = zero + 1 - start
    return start + (isPadded ? (length + 7) & ~7 : length)
  }
}
