import CZlib
import Files

/// Undoes deflate (RFC 1951) piece by piece, in a bounded piece of memory.
public enum Inflation {
  /// What lies around the deflate stream.
  public enum Wrapping: Sendable {
    /// Nothing: a member of a zip archive.
    case raw
    /// gzip's header and checksum (RFC 1952); several such streams in a row are one.
    case gzip
  }

  /// What is wrong with a stream. Whoever knows its name makes a message of it.
  public enum Failure: Error, Sendable {
    case cutOff, corrupt, tooLong, noMemory

    /// A verb phrase: what the stream does.
    public var words: String {
      switch self {
      case .cutOff: "is cut off: its deflate stream does not end"
      case .corrupt: "has a corrupt deflate stream"
      case .tooLong: "inflates to more bytes than its size says"
      case .noMemory: "cannot be inflated"
      }
    }
  }

  /// Hands over what `compressed` holds, front to back. Returns how many bytes that were. Throws
  /// `Failure`, `.tooLong` where there are more than `limit`, and what `body` throws.
  @discardableResult
  public static func inflate(
    _ compressed: any ByteSource, _ wrapping: Wrapping, limit: Int,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> Int {
    var stream = z_stream()
    // zlib: a negative window stands for no wrapping, 16 more for gzip's.
    let window = wrapping == .raw ? -MAX_WBITS : MAX_WBITS + 16
    guard czlib_inflate_init(&stream, window) == Z_OK else { throw Failure.noMemory }
    defer { inflateEnd(&stream) }
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 64)
    defer { room.deallocate() }
    var made = 0
    var taken = 0
    while true {
      let piece = taken..<min(compressed.count, taken + 1 << 20)
      let status = try compressed.withBytes(piece) { input -> Int32 in
        stream.next_in = UnsafeMutablePointer(
          mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.avail_in = UInt32(input.count)
        var status = Z_OK
        while status == Z_OK {
          stream.next_out = room.bindMemory(to: UInt8.self).baseAddress
          stream.avail_out = UInt32(room.count)
          status = CZlib.inflate(&stream, Z_NO_FLUSH)
          let count = room.count - Int(stream.avail_out)
          guard count <= limit - made else { throw Failure.tooLong }
          made += count
          if count > 0 { try body(UnsafeRawBufferPointer(rebasing: room[..<count])) }
        }
        taken += input.count - Int(stream.avail_in)
        return status
      }
      switch status {
      case Z_STREAM_END:
        guard wrapping == .gzip, try another(in: compressed, at: taken) else { return made }
        inflateReset(&stream)
      case Z_BUF_ERROR where taken < compressed.count: continue
      case Z_BUF_ERROR: throw Failure.cutOff
      case Z_MEM_ERROR: throw Failure.noMemory
      default: throw Failure.corrupt
      }
    }
  }

  /// Whether another gzip stream begins there. Anything else (padding) is passed over, as gzip does.
  private static func another(in source: any ByteSource, at start: Int) throws -> Bool {
    try source.withBytes(start..<min(source.count, start + 2)) { $0.elementsEqual([0x1F, 0x8B]) }
  }
}
