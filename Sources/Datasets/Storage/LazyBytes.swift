import Files
import Synchronization

/// Bytes that have to be made as a whole, and are when they are first asked for.
final class LazyBytes: ByteSource {
  let count: Int
  private let make: @Sendable () throws -> any ByteSource
  private let made = Mutex<(any ByteSource)?>(nil)

  /// `make` gives a source of `count` bytes. It is called once, unless it throws.
  init(count: Int, _ make: @escaping @Sendable () throws -> any ByteSource) {
    self.count = count
    self.make = make
  }

  func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let source = try made.withLock { known in
      if let known { return known }
      let new = try make()
      precondition(new.count == count)
      known = new
      return new
    }
    return try source.withBytes(range, body)
  }
}
