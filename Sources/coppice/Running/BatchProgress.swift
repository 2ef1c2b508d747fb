import Reports
import Synchronization

/// How far a batch is, on standard error, where that is a terminal.
final class BatchProgress: Sendable {
  private struct State {
    var progress: Progress
    var done = 0
  }
  private let state: Mutex<State>
  private let clock = Stopwatch()

  /// Nil where nobody would see it: no terminal, one file, `--quiet`.
  init?(files: Int) {
    guard files > 1, Console.showsProgress else { return nil }
    state = Mutex(State(progress: Progress("files", total: files, unit: .items("file"), at: 0)))
  }

  /// One more file is through.
  func advance() {
    state.withLock { state in
      state.done += 1
      if let line = state.progress.update(
        done: state.done, at: clock.seconds, width: Console.errorWidth, color: false)
      {
        Console.mark(line)
      }
    }
  }

  /// Makes way for a line of result or complaint.
  func clear() { Console.unmark() }
}
