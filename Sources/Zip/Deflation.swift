import CZlib
import Files

/// Raw deflate at zlib's best level, as zip members hold it.
enum Deflation {
  /// Deflates all of `source` into `sink` and returns the checksum of the bytes read.
  static func deflate(_ source: any ByteSource, to sink: any ByteSink) throws -> UInt32 {
    var stream = z_stream()
    precondition(czlib_deflate_init(&stream, 9, -MAX_WBITS) == Z_OK, "zlib is out of memory")
    defer { deflateEnd(&stream) }
    var checksum: UInt32 = 0
    var output = [UInt8](repeating: 0, count: 1 << 18)
    let piece = 1 << 20
    var start = 0
    repeat {
      let end = min(source.count, start + piece)
      try source.withBytes(start..<end) { input in
        checksum = CRC32.update(checksum, input)
        stream.next_in = UnsafeMutablePointer(
          mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.avail_in = UInt32(input.count)
        let flush = end == source.count ? Z_FINISH : Z_NO_FLUSH
        repeat {
          let made = output.withUnsafeMutableBufferPointer { room in
            stream.next_out = room.baseAddress
            stream.avail_out = UInt32(room.count)
            _ = CZlib.deflate(&stream, flush)
            return room.count - Int(stream.avail_out)
          }
          try sink.write(output[..<made])
        } while stream.avail_out == 0
      }
      start = end
    } while start < source.count
    return checksum
  }
}
