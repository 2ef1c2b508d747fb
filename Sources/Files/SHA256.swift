import CKernels

/// The SHA-256 digest (FIPS 180-4) by which reports name a file's content.
public enum SHA256 {
  /// The digest of all bytes of `source` as 64 hexadecimal digits.
  public static func hexadecimal(of source: any ByteSource) throws -> String {
    try hexadecimal(of: source, portable: false)
  }

  /// Read in pieces, so that the source may be larger than memory.
  static func hexadecimal(of source: any ByteSource, portable: Bool) throws -> String {
    var state: [UInt32] = [
      0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
      0x5be0_cd19,
    ]
    let whole = source.count & ~63
    let piece = 1 << 22
    for start in stride(from: 0, to: whole, by: piece) {
      try source.withBytes(start..<min(whole, start + piece)) { bytes in
        ck_sha256_compress(
          &state, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count / 64, portable ? 1 : 0)
        Passage.add(bytes.count)
      }
    }
    // The rest, a bit that is set, zeros, and the length in bits, to a whole number of blocks.
    var tail = try source.withBytes(whole..<source.count) { [UInt8]($0) }
    tail.append(0x80)
    tail += [UInt8](repeating: 0, count: (120 - tail.count) % 64)
    let bits = UInt64(source.count) * 8
    tail += (0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * $0)) }
    ck_sha256_compress(&state, tail, tail.count / 64, portable ? 1 : 0)
    return state.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }
}
