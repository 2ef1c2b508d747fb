import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `-` as an input: standard input put into a nameless temporary file, since model files are read
/// from any place in them.
enum StandardInput {
  static func spooled() throws -> MappedFile {
    var template = Array("\(Environment.temporaryFolder)/coppice-stdin-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard descriptor >= 0 else {
      throw FileError.cannotCreate(path: path, reason: String(cString: strerror(errno)))
    }
    defer {
      close(descriptor)
      unlink(path)
    }
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let got = read(STDIN_FILENO, &buffer, buffer.count)
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else {
        throw FileError.cannotRead(path: "standard input", reason: String(cString: strerror(errno)))
      }
      if got == 0 { break }
      var done = 0
      while done < got {
        let step = buffer.withUnsafeBytes {
          write(descriptor, $0.baseAddress.map { $0 + done }, got - done)
        }
        if step < 0 && errno == EINTR { continue }
        guard step >= 0 else {
          throw FileError.writeFailed(path: path, reason: String(cString: strerror(errno)))
        }
        done += step
      }
    }
    return try MappedFile(path: path)
  }
}
