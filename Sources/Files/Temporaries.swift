import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The temporary files of this process, so that an interrupt can take them away.
public enum Temporaries {
  private struct Known {
    var paths: Set<String> = []
    /// Whether they were removed: the process is about to end.
    var isOver = false
  }
  private static let known = Mutex(Known())

  /// Calls `make`, which makes a file and gives its path, or nil where it could not. A thread that
  /// comes while the process ends waits for the end, so that it leaves nothing behind.
  static func add(_ make: () -> String?) {
    let isOver = known.withLock { known in
      if !known.isOver, let path = make() { known.paths.insert(path) }
      return known.isOver
    }
    while isOver { sleep(1) }
  }

  static func remove(_ path: String) { known.withLock { _ = $0.paths.remove(path) } }

  /// Removes every temporary file that was not put in place. For the end of the process only.
  public static func removeAll() {
    known.withLock { known in
      for path in known.paths { unlink(path) }
      known.paths = []
      known.isOver = true
    }
  }
}
