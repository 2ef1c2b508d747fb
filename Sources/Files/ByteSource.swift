/// A run of bytes that lies somewhere: in a mapped file, in memory, or packed in a file that has to
/// be decoded first.
///
/// Nothing is read before `withBytes` asks for it, so a model of any size can be opened and listed
/// at once. A source may be read from several threads at the same time.
public protocol ByteSource: AnyObject, Sendable {
  /// The number of bytes.
  var count: Int { get }

  /// Where these bytes lie in the file that holds them as they are (an offset in bytes from its
  /// start), or nil where no file does.
  var fileOffset: Int? { get }

  /// Bytes that the file spends on these: fewer than `count` where they lie compressed.
  var storedCount: Int { get }

  /// Bytes that have to be made together, where these do: whoever reads all of them does best to
  /// take a multiple of so many at a time, from the start. Nil where any piece is as good.
  var pieceSize: Int? { get }

  /// What the first reader has to make before any of these can be had, where they share that with
  /// other sources: those that give the same are best read by one thread, while others do the rest.
  var sharedWork: ObjectIdentifier? { get }

  /// Calls `body` with the bytes of `range`, which lies inside `0..<count`. The pointer is valid
  /// during the call only, and need not be aligned.
  func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result
}

extension ByteSource {
  public var fileOffset: Int? { nil }
  public var storedCount: Int { count }
  public var pieceSize: Int? { nil }
  public var sharedWork: ObjectIdentifier? { nil }

  /// The size of a piece to read all bytes by: about `wanted` bytes, but whole pieces of those that
  /// have to be made together.
  public func pieceSize(about wanted: Int) -> Int {
    guard let pieceSize, pieceSize > 0 else { return max(1, wanted) }
    return pieceSize * max(1, wanted / pieceSize)
  }

  /// Calls `body` with all of the bytes.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result
  {
    try withBytes(0..<count, body)
  }

  /// A copy of all of the bytes.
  public func bytes() throws -> [UInt8] { try withBytes { [UInt8]($0) } }
}

/// Bytes held in memory.
public final class MemoryBytes: ByteSource {
  private let storage: [UInt8]
  public init(_ bytes: [UInt8]) { storage = bytes }
  public var count: Int { storage.count }

  public func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    try storage.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }
}
