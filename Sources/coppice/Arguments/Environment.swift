#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The variables of the environment that coppice looks at.
enum Environment {
  /// Whether a variable is there and not empty.
  static func isSet(_ name: String) -> Bool {
    guard let value = getenv(name) else { return false }
    return value.pointee != 0
  }

  /// The text of a variable; nil where it is not there or empty.
  static func value(_ name: String) -> String? {
    isSet(name) ? getenv(name).map { String(cString: $0) } : nil
  }

  /// The folder for temporary files: `TMPDIR`, or `/tmp`.
  static var temporaryFolder: String { value("TMPDIR") ?? "/tmp" }
}
