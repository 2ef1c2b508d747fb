import Files
import Synchronization

/// A tensor whose elements lie in a pool.
final class PooledSource: ByteSource {
  private let packed: PackedBytes
  private let entry: Entry
  private let pool: any ByteSource
  /// Its own bytes among the pool's.
  private let place: Range<Int>
  private let isKnown = Mutex(false)
  let storedCount: Int

  /// `place` lies inside the pool, whose section has `stored` bytes.
  init(
    _ packed: PackedBytes, _ entry: Entry, in pool: any ByteSource, _ place: Range<Int>, stored: Int
  ) {
    self.packed = packed
    self.entry = entry
    self.pool = pool
    self.place = place
    storedCount = Pooling.share(of: stored, for: place, of: pool.count)
  }

  var count: Int { place.count }
  var sharedWork: ObjectIdentifier? { ObjectIdentifier(pool) }

  func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    if range.isEmpty { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    // The first reader looks at all of it, which is not much.
    if !isKnown.withLock({ $0 }) {
      try pool.withBytes(place) { try check($0) }
      isKnown.withLock { $0 = true }
    }
    return try pool.withBytes(
      place.lowerBound + range.lowerBound..<place.lowerBound + range.upperBound, body)
  }

  /// Throws where these are not the bytes that were packed.
  func check(_ bytes: UnsafeRawBufferPointer) throws(CSRMError) {
    try packed.check(Checksum.of(bytes), decoded: entry)
  }
}
