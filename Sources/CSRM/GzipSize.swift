import CZlib
import Files

/// What `gzip -9` makes of the same bytes: the yardstick that every report stands beside.
public enum GzipSize {
  /// The bytes of `source` after gzip at level 9, header and trailer (18 bytes) included and the
  /// name left out. Nothing is kept, so the source may be of any size. Throws `CSRMError.zlib`, and
  /// what reading the source throws.
  public static func level9(of source: any ByteSource) throws -> Int {
    var stream = z_stream()
    let gzipWindow: Int32 = 15 + 16
    guard czlib_deflate_init(&stream, 9, gzipWindow) == Z_OK else {
      throw CSRMError.zlib(code: Int(Z_MEM_ERROR))
    }
    defer { deflateEnd(&stream) }
    var output = [UInt8](repeating: 0, count: 1 << 16)
    var total = 0
    var code = Z_OK
    let piece = 1 << 20
    var start = 0
    repeat {
      let end = min(source.count, start + piece)
      try source.withBytes(start..<end) { bytes in
        stream.next_in = UnsafeMutablePointer(
          mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
        stream.avail_in = uInt(bytes.count)
        let flush = end == source.count ? Z_FINISH : Z_NO_FLUSH
        var more = true
        while more {
          output.withUnsafeMutableBufferPointer { buffer in
            stream.next_out = buffer.baseAddress
            stream.avail_out = uInt(buffer.count)
            code = deflate(&stream, flush)
            total += buffer.count - Int(stream.avail_out)
            more = stream.avail_out == 0
          }
          guard code != Z_STREAM_ERROR else { throw CSRMError.zlib(code: Int(code)) }
        }
      }
      start = end
    } while start < source.count
    return total
  }
}
