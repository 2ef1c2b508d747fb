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

  /// Hands over all bytes, a piece at a time, and keeps none. They are all there, with the right
  /// checksum, when this returns.
  public func inflate(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    var found: UInt32 = 0
    let length: Int
    do {
      length = try Inflation.inflate(compressed, .raw, limit: count) { piece in
        found = CRC32.update(found, piece)
        try body(piece)
      }
    } catch let failure as Inflation.Failure {
      throw place.damaged(failure.words)
    }
    guard length == count else {
      throw place.damaged("inflates to fewer bytes than its size says")
    }
    guard found == checksum else { throw place.damaged("has a wrong CRC checksum") }
  }

  private func inflate() throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      let room = UnsafeMutableRawBufferPointer(buffer)
      try inflate { piece in
        UnsafeMutableRawBufferPointer(rebasing: room[filled..<filled + piece.count])
          .copyMemory(from: piece)
        filled += piece.count
      }
    }
  }
}
