/// Memory for a block of values, aligned for the widest stores.
///
/// An allocator that is asked for the alignment itself cuts a larger piece for it, and does not find
/// the hole of the last one large enough for the next: memory grows with every block. So the place is
/// found inside a plain allocation.
public struct Scratch: @unchecked Sendable {
  private let memory: UnsafeMutableRawBufferPointer
  /// The bytes asked for, at an address that is a multiple of 64.
  public let bytes: UnsafeMutableRawBufferPointer

  /// `count` bytes, until `deallocate`.
  public init(count: Int) {
    precondition(count >= 0)
    memory = .allocate(byteCount: count + 64, alignment: 16)
    let start = memory.baseAddress.map { (64 - Int(bitPattern: $0) & 63) & 63 } ?? 0
    bytes = UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + count])
  }

  public func deallocate() { memory.deallocate() }
}

/// Calls `body` with `count` bytes of room, aligned to 64 bytes.
public func withScratch<Result>(
  _ count: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Result
) rethrows -> Result {
  let scratch = Scratch(count: count)
  defer { scratch.deallocate() }
  return try body(scratch.bytes)
}
