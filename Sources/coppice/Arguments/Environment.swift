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

  /// The folder for temporary files: `TMPDIR`, or `/tmp`.
  static var temporaryFolder: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }
}
