import CKernels
import CZlib
import Files
import Parallel

/// The checksum of zip members (ISO 3309, reflected polynomial 0xEDB88320).
enum CRC32 {
  /// The checksum of more bytes, from the one so far (0 at the start).
  static func update(_ crc: UInt32, _ bytes: UnsafeRawBufferPointer, portable: Bool = false)
    -> UInt32
  {
    guard let start = bytes.baseAddress else { return crc }
    return ck_crc32(crc, start.assumingMemoryBound(to: UInt8.self), bytes.count, portable ? 1 : 0)
  }

  static let pieceSize = 4 << 20

  /// The checksum of all bytes of `source`, its pieces side by side.
  static func of(_ source: any ByteSource) throws -> UInt32 {
    let pieces = Parallel.pieces(of: source.count, size: pieceSize)
    let sums = try Parallel.map(pieces.count) { i in
      defer { Passage.add(pieces[i].count) }
      return try source.withBytes(pieces[i]) { update(0, $0) }
    }
    return zip(sums, pieces).reduce(0) { whole, piece in
      UInt32(
        truncatingIfNeeded: crc32_combine(uLong(whole), uLong(piece.0), numericCast(piece.1.count)))
    }
  }
}
