import Files
import Foundation

/// A fresh folder, gone when the value is.
final class TemporaryFolder {
  let path: String
  init() throws {
    path = NSTemporaryDirectory() + "/coppice-zip-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  func write(_ bytes: [UInt8], as name: String) throws -> MappedFile {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    return try MappedFile(path: file(name))
  }
}
