import ArgumentParser
import Files

/// How a run ends: the exit codes of cli.md (sysexits, as the argument parser uses them).
enum ExitStatus: Int32, Comparable, Sendable {
  case done = 0
  /// Done, and the answer is no.
  case no = 1
  case usage = 64
  case damaged = 65
  case missing = 66
  case unsupported = 69
  case software = 70
  case cannotCreate = 73
  case inputOutput = 74

  static func < (a: ExitStatus, b: ExitStatus) -> Bool { a.rawValue < b.rawValue }

  init(_ fault: Fault) {
    self =
      switch fault {
      case .usage: .usage
      case .damaged: .damaged
      case .missing: .missing
      case .unsupported: .unsupported
      case .software: .software
      case .cannotCreate: .cannotCreate
      case .inputOutput: .inputOutput
      }
  }

  init(_ error: any Error) {
    switch error {
    case let reportable as any Reportable: self.init(reportable.fault)
    case is AnswerIsNo: self = .no
    case is ValidationError: self = .usage
    default: self = Coppice.exitCode(for: error) == .validationFailure ? .usage : .software
    }
  }
}

/// The run went well and its answer is no: exit 1 with one line.
struct AnswerIsNo: Error, CustomStringConvertible {
  let description: String
  /// What was found, to be printed all the same; nil where it tells of an output that is kept back.
  private(set) var found: String?
  init(_ text: String) { description = text }

  func with(_ found: String?) -> AnswerIsNo {
    var answer = self
    answer.found = found
    return answer
  }
}

/// A contradiction or an impossible request found after parsing: exit 64.
struct UsageFault: Reportable {
  let description: String
  var fault: Fault { .usage }
  init(_ text: String) { description = text }
}

/// Something that coppice understands and cannot do here: exit 69. Says what still works.
struct Unsupported: Reportable {
  let description: String
  var fault: Fault { .unsupported }
  init(_ text: String) { description = text }
}
