import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The temporary files of this process, so that an interrupt can take them away.
public enum Temporaries {
  private static let paths = Mutex<Set<String>>([])

  static func add(_ path: String) { paths.withLock { _ = $0.insert(path) } }
  static func remove(_ path: String) { paths.withLock { _ = $0.remove(path) } }

  /// Removes every temporary file that was not put in place. For the end of the process only.
  public static func removeAll() {
    paths.withLock { all in
      for path in all { unlink(path) }
      all = []
    }
  }
}
