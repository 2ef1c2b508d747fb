import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `-` as an input: standard input put into a temporary file, since model files are read from any
/// place in them. The file has no name any more when it is read, and an interrupt leaves none.
enum StandardInput {
  static func spooled() throws -> MappedFile {
    let output = try OutputFile(path: TemporaryFolder.path + "/coppice-stdin", replacing: true)
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let got = read(STDIN_FILENO, &buffer, buffer.count)
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else {
        throw FileError.cannotRead(path: "standard input", reason: String(cString: strerror(errno)))
      }
      if got == 0 { break }
      try buffer.withUnsafeBytes { try output.write(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
    }
    // The mapping outlives the name, which goes with the output that is never put in place.
    return try withExtendedLifetime(output) { try MappedFile(path: output.temporaryPath) }
  }
}
