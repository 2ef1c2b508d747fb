#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What can lie at a path beside a regular file.
enum FileKind {
  /// What a file of this mode is, in words; nil for a regular one.
  static func words(_ mode: mode_t) -> String? {
    switch mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "a directory"
    case S_IFIFO: "a FIFO (named pipe)"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }
}
