import Documents
import Files

/// Why an HDF5 file cannot be read or written.
///
/// `place` is the path of the object (and the attribute) inside the file, ready to be shown.
public enum HDF5Error: Reportable {
  /// There is no HDF5 signature at 0, 512, 1,024, … .
  case notHDF5(file: String)
  /// The file says that it is longer than it is. Sizes in bytes; nil where it does not get that far.
  case truncated(file: String, declared: Int?, present: Int)
  /// A writer did not close the file.
  case openForWriting(file: String)
  /// `reason` says what does not hold together, in the library's words or ours.
  case damaged(file: String, place: String?, reason: String)
  /// An external link, external storage, a virtual dataset or a link of somebody's own kind, all of
  /// which would open other files.
  case reachesOutside(file: String, place: String, what: String, target: String)
  /// The shape promises far more bytes than lie in the file.
  case declaresTooMuch(file: String, place: String, declared: String, stored: Int)
  /// All values together take more than the limit (bytes).
  case tooLarge(file: String, place: String, limit: Int)
  /// Legal HDF5 that coppice does not know.
  case unsupported(file: String, place: String, what: String)
  /// Values that were not decoded cannot be written; `reason` names the filter or type.
  case unreadable(file: String, place: String, reason: String)
  /// Writing failed half-way.
  case writeFailed(file: String, reason: String)
  /// A document that cannot be written as HDF5, because its parts contradict each other.
  case inconsistent(file: String, place: String, reason: String)
  /// The bytes of a value could not be had from where they lie.
  case source(any Reportable)

  public var description: String {
    switch self {
    case .notHDF5(let file): "\(file): is not an HDF5 file (no signature). Check what it is."
    case .truncated(let file, let declared?, let present):
      "\(file): is truncated (\(declared) bytes by its own account, \(present) are there). "
        + "Get it again."
    case .truncated(let file, nil, let present):
      "\(file): is truncated (cut off after \(present) bytes). Get it again."
    case .openForWriting(let file):
      "\(file): was not closed by its writer: it is marked as open for writing. Wait for the writer, or "
        + "clear the mark with: h5clear -s"
    case .damaged(let file, let place, let reason):
      "\(file): is damaged: \(reason)\(place.map { " (at \($0))" } ?? ""). Get it again."
    case .reachesOutside(let file, let place, let what, let target):
      "\(file): holds \(what) to \(target) (at \(place)), which is not followed. "
        + "Copy the data into one file (h5repack, h5copy)."
    case .declaresTooMuch(let file, let place, let declared, let stored):
      "\(file): declares \(declared) bytes but only \(stored) are stored (at \(place)). "
        + "Such a file is not safe to read."
    case .tooLarge(let file, let place, let limit):
      "\(file): is too large: its values take more than \(limit) bytes decoded (at \(place)). "
        + "Raise the limit with --max-size."
    case .unsupported(let file, let place, let what):
      "\(file): \(what) is not supported (at \(place))."
    case .unreadable(let file, let place, let reason):
      "\(file): cannot be written: \(reason) (at \(place)). Rewrite the input without it (h5repack)."
    case .writeFailed(let file, let reason): "\(file): writing failed: \(reason)."
    case .inconsistent(let file, let place, let reason):
      "\(file): cannot be written: \(reason) (at \(place))."
    case .source(let error): error.description
    }
  }

  public var fault: Fault {
    switch self {
    case .notHDF5, .truncated, .openForWriting, .damaged, .reachesOutside, .declaresTooMuch,
      .tooLarge, .inconsistent:
      .damaged
    case .unsupported, .unreadable: .unsupported
    case .writeFailed: .inputOutput
    case .source(let error): error.fault
    }
  }
}

/// What went wrong at a place that the caller knows: an `HDF5Error` without file and place.
enum Trouble: Error {
  /// The library's words.
  case library(String)
  case damaged(String)
  case reachesOutside(what: String, target: String)
  case declaresTooMuch(declared: String, stored: Int)
  case tooLarge(limit: Int)
  case unsupported(String)
  case unreadable(String)
  case inconsistent(String)

  /// The error of reading `file` at `place`.
  func whileReading(_ file: String, at place: String) -> HDF5Error {
    switch self {
    case .library(let words): .damaged(file: file, place: place, reason: words)
    case .damaged(let reason), .inconsistent(let reason):
      .damaged(file: file, place: place, reason: reason)
    case .reachesOutside(let what, let target):
      .reachesOutside(file: file, place: place, what: what, target: target)
    case .declaresTooMuch(let declared, let stored):
      .declaresTooMuch(file: file, place: place, declared: declared, stored: stored)
    case .tooLarge(let limit): .tooLarge(file: file, place: place, limit: limit)
    case .unsupported(let what): .unsupported(file: file, place: place, what: what)
    case .unreadable(let reason): .unreadable(file: file, place: place, reason: reason)
    }
  }

  /// The error of writing `file` at `place`.
  func whileWriting(_ file: String, at place: String) -> HDF5Error {
    switch self {
    case .library(let words):
      .writeFailed(file: file, reason: "\(words) (at \(place))")
    case .damaged(let reason), .inconsistent(let reason):
      .inconsistent(file: file, place: place, reason: reason)
    default: whileReading(file, at: place)
    }
  }
}
