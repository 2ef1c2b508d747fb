import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The programs that this process runs, so that an interrupt can end them.
public enum Children {
  private struct Known {
    var groups: Set<pid_t> = []
    /// Whether they were ended: this process is about to end, too.
    var isOver = false
  }
  private static let known = Mutex(Known())

  /// Calls `spawn`, which starts a process that leads a group of its own. A thread that comes while
  /// this process ends waits for the end, so that it starts nothing any more.
  static func start(_ spawn: () throws(ProgramError) -> pid_t) throws(ProgramError) -> pid_t {
    let outcome: Result<pid_t, ProgramError>? = known.withLock { known in
      guard !known.isOver else { return nil }
      do throws(ProgramError) {
        let process = try spawn()
        known.groups.insert(process)
        return .success(process)
      } catch {
        return .failure(error)
      }
    }
    guard let outcome else { waitForTheEnd() }
    return try outcome.get()
  }

  /// Waits until the process has ended, and gives what wait(2) says of it; nil where that cannot be
  /// known. Does not return where it was `endAll` that ended it.
  static func awaitEnd(of process: pid_t) -> Int32? {
    // It is not reaped before the lock is held: until then its number cannot become another's.
    var information = siginfo_t()
    while waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
    var status: Int32 = 0
    let reaped: pid_t? = known.withLock { known in
      guard !known.isOver else { return nil }
      known.groups.remove(process)
      return waitpid(process, &status, 0)
    }
    guard let reaped else { waitForTheEnd() }
    return reaped == process ? status : nil
  }

  /// Ends every program that still runs, and what these have started. For the end of the process
  /// only.
  public static func endAll() {
    known.withLock { known in
      known.isOver = true
      for group in known.groups { kill(-group, SIGKILL) }
    }
  }

  private static func waitForTheEnd() -> Never {
    while true { sleep(1) }
  }
}
