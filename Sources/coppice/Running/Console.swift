import Files
import Reports
import Synchronization

#if canImport(Glibc)
  @preconcurrency import Glibc
#else
  import Darwin
#endif

/// Standard output for results, standard error for everything else.
enum Console {
  private static let verbosity = Atomic<Int>(0)
  /// Held by whoever writes.
  private static let turn = Mutex(())
  /// Whether a line of progress stands on the terminal.
  private static let isMarked = Atomic<Bool>(false)
  /// Whether the process is about to end, and shows no progress any more.
  private static let isOver = Atomic<Bool>(false)

  /// -1 with `--quiet`, 1 with `--verbose`.
  static func setVerbosity(_ level: Int) { verbosity.store(level, ordering: .relaxed) }
  static var isVerbose: Bool { verbosity.load(ordering: .relaxed) > 0 }
  static var isQuiet: Bool { verbosity.load(ordering: .relaxed) < 0 }

  /// Prints results. A reader that has gone (`| head`) ends the process as SIGPIPE does.
  static func print(_ text: String) {
    turn.withLock { _ in
      erase()
      put(text.hasSuffix("\n") || text.isEmpty ? text : text + "\n", on: STDOUT_FILENO)
    }
  }

  /// One line on standard error, behind the program's name; for failures.
  static func complain(_ line: String) {
    turn.withLock { _ in
      erase()
      put("coppice: \(visible(line))\n", on: STDERR_FILENO)
    }
  }

  /// A remark on standard error, which `--quiet` silences.
  static func note(_ line: String) {
    if !isQuiet { complain(line) }
  }

  /// A remark that is worth saying once, however often it is come by.
  static func noteOnce(_ line: String) {
    if said.withLock({ $0.insert(line).inserted }) { note(line) }
  }

  private static let said = Mutex<Set<String>>([])

  /// What was chosen and why, for `--verbose`.
  static func explain(_ line: @autoclosure () -> String) {
    if isVerbose { complain(line()) }
  }

  // MARK: Progress

  /// Whether somebody would see a line that is written over again and again: not in a pipe or a file,
  /// not with `--quiet`, not where the cursor cannot be moved.
  static var showsProgress: Bool {
    isatty(STDERR_FILENO) == 1 && !isQuiet && Environment.value("TERM") != "dumb"
  }

  /// Puts a line of progress, which has its own cursor movements, over the one before it. It stands
  /// until something else is said.
  static func mark(_ line: String) {
    // A job in the background would write into what is being typed.
    let foreground = tcgetpgrp(STDERR_FILENO)
    guard foreground < 0 || foreground == getpgrp() else { return }
    turn.withLock { _ in
      guard !isOver.load(ordering: .relaxed) else { return }
      isMarked.store(true, ordering: .relaxed)
      put(line, on: STDERR_FILENO)
    }
  }

  /// Takes the line of progress away.
  static func unmark() { turn.withLock { _ in erase() } }

  /// The same for good, since the process ends. Waits for nobody: whoever writes may be waiting for a
  /// reader.
  static func unmarkForGood() {
    isOver.store(true, ordering: .relaxed)
    _ = turn.withLockIfAvailable { _ in erase() }
  }

  /// The same where nothing but `write` may be called.
  static func unmarkFromSignal() {
    guard isMarked.load(ordering: .relaxed) else { return }
    _ = Progress.erase.utf8.withContiguousStorageIfAvailable {
      write(STDERR_FILENO, $0.baseAddress, $0.count)
    }
  }

  private static func erase() {
    if isMarked.exchange(false, ordering: .relaxed) { put(Progress.erase, on: STDERR_FILENO) }
  }

  static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Columns of the terminal: `COLUMNS`, or what the terminal says, or 80 (120 for a pipe).
  static var width: Int { columns(of: STDOUT_FILENO) ?? (outputIsTerminal ? 80 : 120) }

  static var errorWidth: Int { columns(of: STDERR_FILENO) ?? 80 }

  private static func columns(of descriptor: Int32) -> Int? {
    if let text = getenv("COLUMNS"), let columns = Int(String(cString: text)), columns > 0 {
      return columns
    }
    var size = winsize()
    guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0
    else { return nil }
    return Int(size.ws_col)
  }

  private static func put(_ text: String, on descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count {
        let step = write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
        if step < 0 {
          if errno == EINTR { continue }
          if errno == EPIPE && descriptor == STDOUT_FILENO { Interrupts.endOnClosedPipe() }
          if descriptor == STDOUT_FILENO {
            Temporaries.removeAll()
            let reason = String(cString: strerror(errno))
            put("coppice: standard output: writing failed: \(reason)\n", on: STDERR_FILENO)
            _exit(ExitStatus.inputOutput.rawValue)
          }
          return
        }
        done += step
      }
    }
  }
}
