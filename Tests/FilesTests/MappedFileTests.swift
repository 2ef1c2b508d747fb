import Foundation
import Testing

@testable import Files

struct MappedFileTests {
  private func withFile(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try Data(bytes).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    try body(url.path())
  }

  @Test(arguments: [0, 1, 4095, 4096, 4097])
  func givesTheBytes(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    try withFile(bytes) { (path) throws in
      let seen = try MappedFile(path: path).bytes()
      #expect(seen == bytes)
    }
  }

  /// More than stays mapped at once: pages that were let go come back.
  @Test func aLongFileIsTheSameInEveryPass() throws {
    let page = (0..<4099).map { UInt8(truncatingIfNeeded: $0 >> 4 ^ $0) }
    let bytes = [[UInt8]](repeating: page, count: 9000).flatMap { $0 }
    try withFile(bytes) { path in
      let file = try MappedFile(path: path)
      for piece in [1 << 20, 7 << 20, bytes.count] {
        for start in stride(from: 0, to: bytes.count, by: piece) {
          let range = start..<min(bytes.count, start + piece)
          let isSame = try file.withBytes(range) { found in
            bytes[range].withUnsafeBytes { wanted in
              guard let a = wanted.baseAddress, let b = found.baseAddress else { return false }
              return memcmp(a, b, wanted.count) == 0
            }
          }
          #expect(isSame)
        }
      }
    }
  }

  @Test func aSliceKnowsWhereItLies() throws {
    try withFile([0, 1, 2, 3, 4, 5, 6, 7]) { path in
      let inner = ByteSlice(ByteSlice(try MappedFile(path: path), 2..<7), 1..<4)
      #expect(inner.fileOffset == 3)
      #expect(try inner.bytes() == [3, 4, 5])
      #expect(try inner.withBytes(1..<2) { [UInt8]($0) } == [4])
    }
  }

  @Test func noticesAChange() throws {
    try withFile([1, 2, 3]) { path in
      let file = try MappedFile(path: path)
      try file.checkUnchanged()
      try Data([1, 2, 3, 4]).write(to: URL(filePath: path))
      #expect(throws: FileError.changed(path: path)) { try file.checkUnchanged() }
    }
  }

  @Test func refusesWhatIsNoRegularFile() throws {
    let folder = FileManager.default.temporaryDirectory.path()
    let error = #expect(throws: FileError.self) { try MappedFile(path: folder) }
    #expect(error?.fault == .missing)
    #expect(error?.description.contains("directory") == true)
    let absent = #expect(throws: FileError.self) {
      try MappedFile(path: folder + "/" + UUID().uuidString)
    }
    #expect(absent?.fault == .missing)
  }

  /// Opening a FIFO would wait for a writer.
  @Test func doesNotWaitForAFIFO() throws {
    let path = FileManager.default.temporaryDirectory.path() + "/" + UUID().uuidString
    #expect(mkfifo(path, 0o600) == 0)
    defer { unlink(path) }
    let error = #expect(throws: FileError.self) { try MappedFile(path: path) }
    #expect(error?.description.contains("FIFO") == true)
  }
}
