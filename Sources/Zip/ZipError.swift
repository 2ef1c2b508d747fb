import Files

/// What can be wrong with a zip archive.
public enum ZipError: Reportable, Equatable {
  /// Cut off, or a checksum or structure that does not hold.
  case damaged(path: String, what: String)
  /// Not safe to read.
  case unsafe(path: String, what: String)
  /// Legal, but outside of what is read.
  case unsupported(path: String, what: String, advice: String)
  /// The format has no room for it.
  case cannotWrite(path: String, what: String, advice: String)

  public var description: String {
    switch self {
    case .damaged(let path, let what): "\(path): \(what). Get the file again."
    case .unsafe(let path, let what): "\(path): \(what). It was not read."
    case .unsupported(let path, let what, let advice), .cannotWrite(let path, let what, let advice):
      "\(path): \(what). \(advice)"
    }
  }

  public var fault: Fault {
    switch self {
    case .damaged, .unsafe: .damaged
    case .unsupported, .cannotWrite: .unsupported
    }
  }
}
