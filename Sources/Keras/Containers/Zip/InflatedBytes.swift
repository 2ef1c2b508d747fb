import CZlib
import Files
import Synchronization

/// The bytes of a deflated zip member, inflated as a whole when they are first asked for.
///
/// The stream must give exactly the declared number of bytes with the declared checksum; inflating
/// stops at that number, so a stream that lies costs no more memory than its directory said.
public final class InflatedBytes: ByteSource {
  /// The deflate stream as it lies in the archive.
  public let compressed: any ByteSource
  public let count: Int
  public let checksum: UInt32
  private let place: ZipPlace
  private let inflated = Mutex<[UInt8]?>(nil)

  init(_ compressed: any ByteSource, count: Int, checksum: UInt32, place: ZipPlace) {
    self.compressed = compressed
    self.count = count
    self.checksum = checksum
    self.place = place
  }

  public func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let bytes = try inflated.withLock { held in
      if let held { return held }
      let fresh = try inflate()
      held = fresh
      return fresh
    }
    return try bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  private func inflate() throws -> [UInt8] {
    let bytes = try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = try inflate(into: buffer)
    }
    let found = bytes.withUnsafeBytes { CRC32.update(0, $0) }
    guard bytes.count == count else {
      throw place.damaged("inflates to fewer bytes than its size says")
    }
    guard found == checksum else { throw place.damaged("has a wrong CRC checksum") }
    return bytes
  }

  /// Fills `output`, and fails where the stream holds more than that or is broken. Returns the bytes
  /// that it held.
  private func inflate(into output: UnsafeMutableBufferPointer<UInt8>) throws -> Int {
    var stream = z_stream()
    guard czlib_inflate_init(&stream, -MAX_WBITS) == Z_OK else {
      throw place.damaged("cannot be inflated")
    }
    defer { inflateEnd(&stream) }
    var done = 0
    var taken = 0
    // One byte past the end shows a stream that holds more than it should.
    var beyond: UInt8 = 0
    while true {
      let piece = taken..<min(compressed.count, taken + 1 << 20)
      let status = try compressed.withBytes(piece) { input -> Int32 in
        stream.next_in = UnsafeMutablePointer(
          mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.avail_in = UInt32(input.count)
        var status = Z_OK
        while status == Z_OK {
          let room = min(output.count - done, 1 << 30)
          if room > 0 {
            stream.next_out = output.baseAddress.map { $0 + done }
            stream.avail_out = UInt32(room)
            status = CZlib.inflate(&stream, Z_NO_FLUSH)
            done += room - Int(stream.avail_out)
          } else {
            status = withUnsafeMutablePointer(to: &beyond) {
              stream.next_out = $0
              stream.avail_out = 1
              return CZlib.inflate(&stream, Z_NO_FLUSH)
            }
            if stream.avail_out == 0 { return Z_NEED_DICT }
          }
        }
        taken += input.count - Int(stream.avail_in)
        return status
      }
      switch status {
      case Z_STREAM_END: return done
      case Z_BUF_ERROR where taken < compressed.count: continue
      case Z_BUF_ERROR: throw place.damaged("is cut off: its deflate stream does not end")
      case Z_NEED_DICT: throw place.damaged("inflates to more bytes than its size says")
      default: throw place.damaged("has a corrupt deflate stream")
      }
    }
  }
}
