import Documents
import Files
import Parallel

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Writes runs of bytes to their places in a file that the library has closed.
struct RawWriter {
  struct Run: Sendable {
    let source: any ByteSource
    /// In the file.
    let offset: Int
  }

  let path: String
  /// For messages.
  let name: String

  /// Bytes that a thread takes at a time: what a lazy source has to make at once.
  private static let piece = 4 << 20

  func write(_ runs: [Run]) throws(HDF5Error) {
    guard !runs.isEmpty else { return }
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .writeFailed(file: name, reason: reason()) }
    defer { close(descriptor) }
    // Each with its run; small runs are a piece each.
    let pieces = runs.indices.flatMap { run in
      let source = runs[run].source
      return Parallel.pieces(of: source.count, size: source.pieceSize(about: Self.piece)).map {
        (run, $0)
      }
    }
    try HDF5.reading(name) {
      try Parallel.forEach(pieces.count) { index in
        let (run, range) = pieces[index]
        try runs[run].source.withBytes(range) { bytes in
          let offset = runs[run].offset + range.lowerBound
          try writeAll(bytes, to: descriptor, at: offset)
          Writeback.begin(descriptor, offset..<offset + bytes.count)
          Passage.add(bytes.count)
        }
      }
    }
  }

  private func writeAll(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int
  ) throws(HDF5Error) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let step = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      if step < 0 {
        if errno == EINTR { continue }
        throw .writeFailed(file: name, reason: reason())
      }
      done += step
    }
  }

  private func reason() -> String { String(cString: strerror(errno)) }
}
