/// HDF5's checksum filter: Fletcher's sum over big-endian 16-bit words, appended to the chunk as
/// four little-endian bytes (H5_checksum_fletcher32 in the library's H5checksum.c).
enum Fletcher32 {
  static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var low: UInt32 = 0
    var high: UInt32 = 0
    var at = 0
    var words = bytes.count / 2
    while words > 0 {
      // 360 sums cannot overflow 32 bits.
      let batch = min(words, 360)
      words -= batch
      for _ in 0..<batch {
        low &+= UInt32(bytes[at]) << 8 | UInt32(bytes[at + 1])
        high &+= low
        at += 2
      }
      low = low & 0xffff + low >> 16
      high = high & 0xffff + high >> 16
    }
    if bytes.count % 2 == 1 {
      low &+= UInt32(bytes[at]) << 8
      high &+= low
      low = low & 0xffff + low >> 16
      high = high & 0xffff + high >> 16
    }
    low = low & 0xffff + low >> 16
    high = high & 0xffff + high >> 16
    return high << 16 | low
  }

  /// The bytes in front of the checksum, when it is theirs.
  static func strip(_ bytes: ArraySlice<UInt8>) throws(Trouble) -> ArraySlice<UInt8> {
    guard bytes.count >= 4 else { throw .damaged("a chunk without its checksum (fletcher32)") }
    let body = bytes.dropLast(4)
    let stored = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let computed = body.withUnsafeBytes(checksum)
    // Before 1.6.3 the library swapped the bytes of both halves; it reads both to this day.
    let swapped = (computed & 0x00ff_00ff) << 8 | (computed & 0xff00_ff00) >> 8
    guard stored == computed || stored == swapped else {
      throw .damaged("a chunk does not match its checksum (fletcher32)")
    }
    return body
  }
}
