import CSRM

/// One way to store a model, to be measured.
protocol Contender: Sendable {
  /// As `--only` has it.
  var name: String { get }
  /// As tables have it.
  var title: String { get }
  /// Whether names, attributes and configuration are left out.
  var holdsTensorsAlone: Bool { get }

  /// Stores the model and gets it back, once. Throws `Absent` where what it takes is not installed.
  func trial(on subject: BenchSubject) throws -> Trial
}

extension Contender {
  var holdsTensorsAlone: Bool { false }
}

/// What one trial found.
struct Trial {
  /// All that was stored.
  var bytes: Int
  /// Seconds, from file to file.
  var packing: Double
  var unpacking: Double
  /// What was stored in a `.csrm`.
  var packed: PackSummary?
}

/// A contender that cannot take part, and why: `not installed`.
struct Absent: Error {
  let reason: String
}

enum Contenders {
  static let all: [any Contender] = [
    PackedContender(.fast), PackedContender(.standard), PackedContender(.max), PackedContender.rows,
    DeflateContender(), ProgramContender.gzip, ProgramContender.zstd, ProgramContender.xz,
    PlanesContender(), SciPyContender(),
  ]

  static var names: [String] { all.map(\.name) }
}
