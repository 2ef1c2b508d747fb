import CZlib

/// zlib streams, one chunk each.
enum Deflate {
  /// The `size` bytes that `bytes` inflate to, neither more nor fewer.
  static func decode(_ bytes: UnsafeRawBufferPointer, size: Int) throws(Trouble) -> [UInt8] {
    var stream = z_stream()
    guard bytes.count <= UInt32.max, size <= UInt32.max,
      czlib_inflate_init(&stream, 15) == Z_OK
    else { throw .damaged("a chunk that is too large for deflate") }
    defer { inflateEnd(&stream) }
    var status = Z_OK
    let decoded = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      stream.next_in = UnsafeMutablePointer(
        mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
      stream.avail_in = UInt32(bytes.count)
      stream.next_out = buffer.baseAddress
      stream.avail_out = UInt32(size)
      status = inflate(&stream, Z_FINISH)
      filled = size - Int(stream.avail_out)
    }
    guard status == Z_STREAM_END, decoded.count == size else {
      let reason = stream.msg.map { String(cString: $0) }
      throw .damaged(
        "a chunk does not inflate to its \(size) bytes (deflate filter"
          + "\(reason.map { ": " + $0 } ?? ""))")
    }
    return decoded
  }

  /// A zlib stream of `bytes`, or nil where it would take `bytes.count` bytes or more.
  static func encode(_ bytes: UnsafeRawBufferPointer, level: Int) -> [UInt8]? {
    var stream = z_stream()
    guard bytes.count > 8, bytes.count <= UInt32.max,
      czlib_deflate_init(&stream, Int32(clamping: level), 15) == Z_OK
    else { return nil }
    defer { deflateEnd(&stream) }
    var status = Z_OK
    let room = bytes.count - 1
    let encoded = [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
      stream.next_in = UnsafeMutablePointer(
        mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
      stream.avail_in = UInt32(bytes.count)
      stream.next_out = buffer.baseAddress
      stream.avail_out = UInt32(room)
      status = deflate(&stream, Z_FINISH)
      filled = room - Int(stream.avail_out)
    }
    return status == Z_STREAM_END ? encoded : nil
  }
}
