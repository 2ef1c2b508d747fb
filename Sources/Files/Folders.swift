#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Folders of the file system.
public enum Folders {
  /// Makes the folder at `path`, and those above it, where they are not there. Throws `FileError`.
  public static func make(_ path: String) throws(FileError) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
      if mkdir(made, 0o777) != 0, errno != EEXIST {
        throw FileError.cannotCreate(path: made, reason: String(cString: strerror(errno)))
      }
    }
    // Something else may be there by that name.
    var status = stat()
    guard stat(made, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw FileError.cannotCreate(path: made, reason: String(cString: strerror(ENOTDIR)))
    }
  }

  /// Whether there is anything at `path`.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
