import Documents
import Files

@testable import CSRM

/// All that a reader can be asked of a packed file, with no checksum looked at: what the tests that
/// change bytes do with each of their files, and the fuzzer (Tests/Fuzz) with its own.
enum Everything {
  /// What a reader can do with a file; errors are an answer, anything else is not.
  static func read(_ bytes: [UInt8]) throws {
    let file = try PackedFile(
      MemoryBytes(bytes), name: "f", limits: Limits(decodedBytes: 1 << 20), isChecked: false)
    var failure: (any Error)?
    func attempt(_ body: () throws -> Void) {
      do { try body() } catch { failure = failure ?? error }
    }
    for index in file.entries.indices {
      guard let source = file.sources[index] else { continue }
      attempt { try source.withBytes { precondition($0.count == source.count) } }
      for start in stride(from: 0, to: source.count, by: max(1, source.count / 3)) {
        attempt { try source.withBytes(start..<source.count) { _ in } }
      }
    }
    attempt { try touch(file.container()) }
    if file.holdsOriginal { attempt { try file.restoreOriginal(to: CountingSink()) } }
    _ = file.verify()
    if let failure { throw failure }
  }

  /// Reads all values of a container.
  static func touch(_ container: Container) throws {
    for part in container.parts {
      switch part.content {
      case .bytes(let source): try source.withBytes { _ in }
      case .document(let document):
        _ = document.datasetPaths()
        for case .dataset(let dataset) in document.objects {
          if case .plain(let source) = dataset.value { try source.withBytes { _ in } }
        }
      }
    }
  }
}
