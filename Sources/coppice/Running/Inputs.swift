import CSRM
import Documents
import Files
import Keras
import Parallel

/// Model files as commands get them: opened by content, `-` for standard input.
enum Inputs {
  static func open(_ path: String, _ reading: ReadingOptions) throws -> OpenedModel {
    let options = OpenOptions(limits: limits(reading), configFrom: reading.configFrom)
    let file = path == "-" ? try StandardInput.spooled() : try MappedFile(path: path)
    // Of an archive every member is read, to see whether its checksum holds.
    let opened = try ByteProgress.showing("opening", file.count) {
      try ModelFile.open(file, name: shown(path), options: options)
    }
    keepMemory(of: opened.packed)
    Console.explain(
      "\(path): \(opened.storedAs.rawValue)\(opened.model.kerasVersion.map { ", Keras \($0)" } ?? "")"
    )
    return opened
  }

  static func limits(_ reading: ReadingOptions) -> Limits {
    Limits(
      decodedBytes: reading.maxSize?.bytes ?? Limits.standard.decodedBytes,
      memory: reading.memory?.bytes)
  }

  /// Goes on with as few threads as the memory allows that `packed` may be read in.
  static func keepMemory(of packed: PackedFile?) {
    guard let most = packed?.mostReaders, most < Parallel.threads else { return }
    Parallel.threads = most
    Console.explain("--memory: \(most) \(most == 1 ? "thread" : "threads") at once")
  }

  /// A usage fault where no input was named, or one by nothing: an unset variable of a script.
  static func require(_ files: [String]) throws {
    if files.isEmpty {
      throw UsageFault("no input file. Name one or more, or '-' for standard input")
    }
    if files.contains("") { throw UsageFault("the name of an input is empty") }
    if files.count(where: { $0 == "-" }) > 1 {
      throw UsageFault("standard input can be read once only")
    }
  }

  /// The name that messages and reports give an input.
  static func shown(_ path: String) -> String { path == "-" ? "standard input" : path }
}
