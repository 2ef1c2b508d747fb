import CZlib

/// Deflate in the zlib wrapping (RFC 1950), a whole buffer at a time.
enum Zlib {
  /// No deflate stream expands further than this (258 bytes from 2 bits).
  static let greatestRatio = 1032

  /// Room for the deflated form of any `count` bytes.
  static func bound(_ count: Int) -> Int { Int(compressBound(uLong(count))) + 64 }

  /// Deflates `bytes` into `out`, which has `bound(bytes.count)` bytes of room; returns the number
  /// written. The same zlib gives the same bytes everywhere.
  static func deflate(
    _ bytes: UnsafeRawBufferPointer, level: Int, into out: UnsafeMutableRawBufferPointer
  ) throws(CSRMError) -> Int {
    var stream = z_stream()
    guard czlib_deflate_init(&stream, Int32(level), 15) == Z_OK else {
      throw .zlib(code: Int(Z_MEM_ERROR))
    }
    defer { deflateEnd(&stream) }
    stream.next_in = UnsafeMutablePointer(
      mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.avail_in = uInt(bytes.count)
    stream.next_out = out.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.avail_out = uInt(out.count)
    let code = CZlib.deflate(&stream, Z_FINISH)
    guard code == Z_STREAM_END else { throw .zlib(code: Int(code)) }
    return out.count - Int(stream.avail_out)
  }

  static func deflate(_ bytes: [UInt8], level: Int) throws(CSRMError) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: bound(bytes.count))
    let result = bytes.withUnsafeBytes { bytes in
      out.withUnsafeMutableBytes { room in
        Result { () throws(CSRMError) in try deflate(bytes, level: level, into: room) }
      }
    }
    out.removeSubrange(try result.get()...)
    return out
  }

  /// Inflates a stream that begins at the start of `stored` and makes exactly `out.count` bytes;
  /// returns how many bytes of `stored` it took.
  static func inflate(
    _ stored: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer
  ) throws(Malformed) -> Int {
    var stream = z_stream()
    guard czlib_inflate_init(&stream, 15) == Z_OK else { throw Malformed("zlib is out of memory") }
    defer { inflateEnd(&stream) }
    // Without room for output zlib would report a lack of it even at the end of a stream.
    var spare: UInt8 = 0
    let given = min(stored.count, Int(Int32.max))
    stream.next_in = UnsafeMutablePointer(
      mutating: stored.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.avail_in = uInt(given)
    let code = withUnsafeMutablePointer(to: &spare) { spare in
      stream.next_out = out.count > 0 ? out.baseAddress?.assumingMemoryBound(to: UInt8.self) : spare
      stream.avail_out = uInt(max(1, out.count))
      return CZlib.inflate(&stream, Z_FINISH)
    }
    guard code == Z_STREAM_END, Int(stream.total_out) == out.count else {
      throw Malformed("is no deflate stream of \(out.count) bytes")
    }
    return given - Int(stream.avail_in)
  }

  /// Inflates into an array, whose count says how many bytes there must be.
  static func inflate(_ stored: [UInt8], into out: inout [UInt8]) throws(Malformed) -> Int {
    let result = stored.withUnsafeBytes { stored in
      out.withUnsafeMutableBytes { room in
        Result { () throws(Malformed) in try inflate(stored, into: room) }
      }
    }
    return try result.get()
  }
}
