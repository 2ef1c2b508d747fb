import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file read piece by piece: for a temporary of the model's size, whose pages would count as this
/// process's memory if they were mapped.
final class UnmappedFile: ByteSource {
  let count: Int
  private let descriptor: Int32
  private let path: String

  init(path: String) throws(FileError) {
    // The size, and that it is a regular file that can be read, as every input is checked.
    count = try MappedFile(path: path).count
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    self.path = path
    guard descriptor >= 0 else {
      throw .cannotRead(path: path, reason: "it cannot be opened again")
    }
  }

  deinit { close(descriptor) }

  func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let bytes = try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
      filled = 0
      while filled < range.count {
        let room = UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[filled..<range.count])
        let step = pread(descriptor, room.baseAddress, room.count, off_t(range.lowerBound + filled))
        if step < 0, errno == EINTR { continue }
        guard step > 0 else { throw FileError.changed(path: path) }
        filled += step
      }
    }
    return try bytes.withUnsafeBytes(body)
  }
}
