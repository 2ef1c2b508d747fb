/// What kind of answer a failure is. The command line turns it into an exit code (sysexits).
public enum Fault: Sendable, Equatable {
  /// A target that cannot be, or options that contradict each other: 64.
  case usage
  /// The input is damaged, is not what it says, or is not safe to read: 65.
  case damaged
  /// The input is not there or cannot be read: 66.
  case missing
  /// Understood, but not supported: 69.
  case unsupported
  /// A fault of coppice itself: 70.
  case software
  /// The output cannot be made: 73.
  case cannotCreate
  /// Reading or writing failed half-way: 74.
  case inputOutput
}

/// An error that a user can be told in one line: `FILE: what is wrong (where). What to do.`
///
/// Every room has one enum of its own that says so; `description` is the whole line, without the
/// program's name.
public protocol Reportable: Error, CustomStringConvertible, Sendable {
  var fault: Fault { get }
}

extension FileError: Reportable {
  public var fault: Fault {
    switch self {
    case .notFound, .notRegular, .cannotRead: .missing
    case .changed: .damaged
    case .exists, .cannotCreate: .cannotCreate
    case .writeFailed, .closedPipe: .inputOutput
    }
  }
}
