import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The files of a measurement, in the folder for temporary files. None of them outlives its value,
/// or this process.
enum Scratch {
  static func file() throws -> OutputFile {
    try OutputFile(
      path: "\(Environment.temporaryFolder)/\(prefix)\(UInt32.random(in: 0 ... .max))",
      replacing: true)
  }

  /// What the files' names begin with; a number follows.
  fileprivate static let prefix = "coppice-bench-"

  /// Runs a program from one file to another. Throws `NoRoom` where it failed and the disk is full,
  /// so that a full disk is not taken for a fault of the program.
  static func run(
    _ program: Program, _ arguments: [String], input: String, output: OutputFile,
    hiding hidden: [String] = []
  ) throws {
    do {
      try program.run(
        arguments, input: input, output: output.temporaryPath, hiding: hidden)
    } catch {
      if isFull { throw NoRoom(reason: String(cString: strerror(ENOSPC))) }
      throw error
    }
  }

  /// A folder with less than this is full.
  private static let page = 4096

  private static var isFull: Bool {
    var status = statvfs()
    guard statvfs(Environment.temporaryFolder, &status) == 0 else { return false }
    return Int(status.f_bavail) * Int(status.f_frsize) < page
  }
}

/// The files of a measurement do not fit where they are to be.
struct NoRoom: Reportable {
  let reason: String
  var fault: Fault { .inputOutput }
  var description: String {
    "cannot be measured in \(Environment.temporaryFolder): \(reason). Name a folder with room in TMPDIR."
  }

  init(reason: String) { self.reason = reason }

  /// Nil where `error` is not that one of those files cannot be made or written.
  init?(_ error: any Reportable) {
    let place = "\(Environment.temporaryFolder)/\(Scratch.prefix)"
    let text = error.description
    guard [.cannotCreate, .inputOutput].contains(error.fault), text.hasPrefix(place) else {
      return nil
    }
    // The path says nothing to anyone: the file is gone.
    let rest = text.dropFirst(place.count).drop { $0.isNumber }
    let words = rest.hasPrefix(": ") ? rest.dropFirst(2) : rest
    reason = String(words.hasSuffix(".") ? words.dropLast() : words)
  }
}

/// A program that did not give back what it was given.
struct Unfaithful: Reportable {
  let program: String
  var fault: Fault { .inputOutput }
  var description: String { "\(program): did not give back the bytes that it was given" }
}

extension OutputFile {
  /// Writes all bytes of `source`, some megabytes at a time.
  func write(all source: any ByteSource) throws {
    try source.inPieces { try write($0) }
  }

  /// Throws `Unfaithful` where the file does not hold the bytes of `sources`, one behind the other,
  /// and nothing else.
  func require(holding sources: [any ByteSource], program: String) throws {
    let own = try MappedFile(path: temporaryPath)
    guard own.count == sources.reduce(0, { $0 + $1.count }) else {
      throw Unfaithful(program: program)
    }
    var end = 0
    for source in sources {
      try source.inPieces { piece in
        let range = end..<end + piece.count
        end = range.upperBound
        let isEqual = try own.withBytes(range) { found in
          guard let a = found.baseAddress, let b = piece.baseAddress else { return true }
          return memcmp(a, b, found.count) == 0
        }
        if !isEqual { throw Unfaithful(program: program) }
      }
    }
  }
}

extension ByteSource {
  /// Calls `body` with all bytes, some megabytes at a time.
  fileprivate func inPieces(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let step = pieceSize(about: 4 << 20)
    for start in stride(from: 0, to: count, by: step) {
      try withBytes(start..<min(count, start + step), body)
    }
  }
}
