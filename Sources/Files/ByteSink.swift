#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where bytes go, front to back.
public protocol ByteSink: AnyObject {
  /// Bytes written so far.
  var count: Int { get }
  func write(_ bytes: UnsafeRawBufferPointer) throws
}

extension ByteSink {
  public func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }
  public func write(_ bytes: ArraySlice<UInt8>) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }
}

/// Collects bytes in memory.
public final class MemorySink: ByteSink {
  public private(set) var bytes: [UInt8] = []
  public init() {}
  public var count: Int { bytes.count }
  public func write(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }
}

/// Counts bytes and forgets them.
public final class CountingSink: ByteSink {
  public private(set) var count = 0
  public init() {}
  public func write(_ bytes: UnsafeRawBufferPointer) { count += bytes.count }
}

/// Standard output, for `-o -`.
public final class StandardOutput: ByteSink {
  public private(set) var count = 0
  public init() {}
  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    try writeAll(bytes, to: STDOUT_FILENO, path: "standard output")
    count += bytes.count
  }
}

/// Writes every byte, however often the kernel takes only some. At `offset`, or where the
/// descriptor stands.
func writeAll(
  _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int? = nil, path: String
) throws(FileError) {
  var done = 0
  while done < bytes.count {
    let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
    let step =
      offset.map { pwrite(descriptor, rest.baseAddress, rest.count, off_t($0 + done)) }
      ?? write(descriptor, rest.baseAddress, rest.count)
    if step < 0 {
      if errno == EINTR { continue }
      if errno == EPIPE && descriptor == STDOUT_FILENO { throw .closedPipe }
      throw .writeFailed(path: path, reason: lastErrorText())
    }
    done += step
  }
  if let offset { Writeback.begin(descriptor, offset..<offset + bytes.count) }
}
