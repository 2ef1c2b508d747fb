import Dispatch
import Files

#if canImport(Glibc)
  @preconcurrency import Glibc
#else
  import Darwin
#endif

/// What happens when the run is cut short from outside: temporary files and programs that run for us
/// go, and the exit code says which signal it was.
enum Interrupts {
  nonisolated(unsafe) private static var sources: [any DispatchSourceSignal] = []

  /// Called once, first thing.
  static func install() {
    // A closed pipe is noticed where the write fails, so that temporary files can be removed.
    signal(SIGPIPE, SIG_IGN)
    // A file that grows past `ulimit -f` is noticed there, too.
    signal(SIGXFSZ, SIG_IGN)
    for (number, code) in [(SIGINT, Int32(130)), (SIGTERM, 143), (SIGHUP, 129)] {
      // SIGHUP stays ignored under nohup.
      if number == SIGHUP, isIgnored(SIGHUP) { continue }
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(
        signal: number, queue: .global(qos: .userInteractive))
      source.setEventHandler {
        // A second signal finds the default action and ends the process at once.
        signal(number, SIG_DFL)
        Console.unmarkForGood()
        cleanUp()
        _exit(code)
      }
      source.resume()
      sources.append(source)
    }
    // A mapped input that shrinks raises SIGBUS in the thread that reads it. That thread is in the
    // middle of a copy, not of an allocation, so cleaning up from here is safe.
    signal(SIGBUS) { _ in
      Interrupts.cleanUp()
      Interrupts.end(
        .damaged,
        "an input file was cut short while it was read, or its disk failed. Run again when it is at rest."
      )
    }
    // A trap is a fault of coppice: it says so in one line, in place of the runtime's stack trace.
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGFPE, SIGABRT] {
      signal(number) { number in
        Interrupts.cleanUp()
        Interrupts.end(
          .software,
          "a fault of coppice itself (signal \(number)). Nothing was written. Please report it.")
      }
    }
  }

  /// Ends as shells expect of a process whose reader has gone: by SIGPIPE, quietly.
  static func endOnClosedPipe() -> Never {
    cleanUp()
    signal(SIGPIPE, SIG_DFL)
    raise(SIGPIPE)
    _exit(141)
  }

  /// Leaves nothing behind: neither programs that still run for us nor files.
  private static func cleanUp() {
    Children.endAll()
    Temporaries.removeAll()
  }

  private static func end(_ status: ExitStatus, _ words: String) -> Never {
    Console.unmarkFromSignal()
    _ = "coppice: \(words)\n".utf8CString.withUnsafeBytes {
      write(STDERR_FILENO, $0.baseAddress, $0.count - 1)
    }
    _exit(status.rawValue)
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }
}
