import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A regular file mapped read-only for as long as this value lives.
public final class MappedFile: ByteSource {
  public let path: String
  public let count: Int
  /// Read-only memory, so it may be shared between threads.
  private nonisolated(unsafe) let base: UnsafeRawPointer?
  private let seen: FileStamp
  private let handedOut = Atomic<Int>(0)
  private static let window = 32 << 20

  public var fileOffset: Int? { 0 }

  /// Maps the file at `path`, following symbolic links. Throws `FileError` where it is not there,
  /// is no regular file (a folder, a FIFO, a device) or cannot be read.
  public init(path: String) throws(FileError) {
    // A FIFO would block in open(2) until somebody writes to it: look before opening.
    let stamp = try FileStamp(path: path)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .cannotRead(path: path, reason: lastErrorText()) }
    defer { close(descriptor) }
    let length = stamp.size
    var start: UnsafeRawPointer?
    if length > 0 {
      guard let mapped = mmap(nil, length, PROT_READ, MAP_SHARED, descriptor, 0),
        mapped != MAP_FAILED
      else { throw .cannotRead(path: path, reason: lastErrorText()) }
      start = UnsafeRawPointer(mapped)
    }
    self.path = path
    count = length
    seen = stamp
    base = start
  }

  deinit { if let base { munmap(UnsafeMutableRawPointer(mutating: base), count) } }

  public func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    defer { letGo(after: range.count) }
    return try body(
      UnsafeRawBufferPointer(start: base.map { $0 + range.lowerBound }, count: range.count))
  }

  /// Longer ranges are looks at a whole file, of which little may be read.
  private static let longest = 16 << 20

  /// Unmaps the pages read so far, each time another 32 MB have been read. They stay in the page cache
  /// and come back at a touch, so a pass over a file of any size takes a bounded piece of memory.
  private func letGo(after bytes: Int) {
    let bytes = bytes > MappedFile.longest ? MappedFile.longest / 4 : bytes
    let before = handedOut.wrappingAdd(bytes, ordering: .relaxed).oldValue
    guard let base, before / MappedFile.window != (before + bytes) / MappedFile.window else {
      return
    }
    madvise(UnsafeMutableRawPointer(mutating: base), count, MADV_DONTNEED)
  }

  /// Throws `FileError.changed` where the file on disk is no longer the one that was mapped.
  /// Called after the last read and before an output is put in place.
  public func checkUnchanged() throws(FileError) {
    guard let now = try? FileStamp(path: path), now == seen else { throw .changed(path: path) }
  }
}

/// A part of another source, still where it lies.
public final class ByteSlice: ByteSource {
  private let whole: any ByteSource
  private let start: Int
  public let count: Int

  /// Bytes `range` of `whole`. The range lies inside `0..<whole.count`.
  public init(_ whole: any ByteSource, _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= whole.count)
    self.whole = whole
    start = range.lowerBound
    count = range.count
  }

  public var fileOffset: Int? { whole.fileOffset.map { $0 + start } }

  public func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    try whole.withBytes(start + range.lowerBound..<start + range.upperBound, body)
  }
}
