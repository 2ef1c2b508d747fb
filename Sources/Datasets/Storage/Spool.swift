import Files

/// Bytes that are made front to back, once, and read at any place afterwards: in memory up to a
/// bound, and beyond it in a temporary file that has no name any more while it is read.
final class Spool: ByteSink {
  static let memory = 64 << 20

  private(set) var count = 0
  private let file: String
  private let bound: Int
  private var bytes: [UInt8] = []
  private var output: OutputFile?

  /// `file` is the data file that is unpacked, for messages. Room is taken as bytes come.
  init(for file: String, bound: Int = Spool.memory) {
    self.file = file
    self.bound = bound
  }

  func write(_ more: UnsafeRawBufferPointer) throws {
    count += more.count
    if let output {
      try onDisk { try output.write(more) }
    } else if count <= bound {
      bytes.append(contentsOf: more)
    } else {
      let output = try onDisk {
        try OutputFile(path: TemporaryFolder.path + "/coppice-data", replacing: true)
      }
      try onDisk {
        try bytes.withUnsafeBytes { try output.write($0) }
        try output.write(more)
      }
      bytes = []
      self.output = output
    }
  }

  /// What was written, to be read.
  func finish() throws -> any ByteSource {
    guard let output else { return MemoryBytes(bytes) }
    defer { self.output = nil }
    // The mapping outlives the name, which goes with the output that is never put in place.
    return try onDisk { try MappedFile(path: output.temporaryPath) }
  }

  private func onDisk<Result>(_ body: () throws -> Result) throws(DataError) -> Result {
    do {
      return try body()
    } catch FileError.writeFailed(_, let reason) {
      throw .noRoom(file: file, folder: TemporaryFolder.path, reason: reason)
    } catch FileError.cannotCreate(_, let reason) {
      throw .noRoom(file: file, folder: TemporaryFolder.path, reason: reason)
    } catch {
      throw .noRoom(file: file, folder: TemporaryFolder.path, reason: "\(error)")
    }
  }
}

extension ByteSource {
  /// A copy of all bytes, made at the first look, that any place can be read from at once. `slab` is
  /// how many bytes are decoded together.
  func spooledWhenRead(for file: String, slab: Int) -> any ByteSource {
    let piece = slab * max(1, (4 << 20) / max(1, slab))
    return LazyBytes(count: count) {
      let spool = Spool(for: file)
      for start in stride(from: 0, to: self.count, by: piece) {
        try self.withBytes(start..<min(self.count, start + piece)) { try spool.write($0) }
      }
      return try spool.finish()
    }
  }
}
