import Datasets
import Files
import Synchronization

/// Many files, one after the other or some side by side: each gets its line of result or its line of
/// complaint, a failure does not stop the others, and the exit code is that of the worst.
enum Batch {
  /// Runs `body` for every file and prints what it returns, in the order of `files`.
  ///
  /// Throws `RunEnded` with the worst status where any file failed.
  static func run(
    _ files: [String], jobs: Int = 1,
    _ body: @escaping @Sendable (_ file: String, _ index: Int) throws -> String?
  ) throws {
    if files.count > 1 { ByteProgress.turnOff() }
    let ledger = Ledger(count: files.count)
    defer { ledger.progress?.clear() }
    if jobs > 1 && files.count > 1 {
      SideBySide.run(files.count, jobs: jobs) {
        ledger.enter(outcome(files[$0], $0, isAlone: false, body), at: $0)
      }
    } else {
      for index in files.indices {
        ledger.enter(outcome(files[index], index, isAlone: files.count == 1, body), at: index)
      }
    }
    if ledger.worst != .done { throw RunEnded(status: ledger.worst) }
  }

  private struct Outcome: Sendable {
    var text: String?
    var complaint: String?
    var status = ExitStatus.done
  }

  private static func outcome(
    _ file: String, _ index: Int, isAlone: Bool, _ body: (String, Int) throws -> String?
  ) -> Outcome {
    do {
      return Outcome(text: try body(file, index))
    } catch FileError.closedPipe {
      Interrupts.endOnClosedPipe()
    } catch {
      return Outcome(
        text: (error as? AnswerIsNo)?.found,
        complaint: line(for: error, file: file, isAlone: isAlone), status: ExitStatus(error))
    }
  }

  /// The line that tells of `error`, with the file in front where the error does not name it. An error
  /// in data names these, and the model is needed only where there are several.
  private static func line(for error: any Error, file: String, isAlone: Bool) -> String {
    let text = "\(error)"
    let names = file == "-" ? ["-", "standard input"] : [file]
    let isPlain = error is FileError || error is OfAnother || isAlone && error is DataError
    return isPlain || names.contains { text.hasPrefix($0) }
      ? text : "\(names.last ?? file): \(text)"
  }

  /// A failure that concerns another file than the batch's, and names it.
  struct OfAnother: Reportable {
    let underlying: any Reportable
    var fault: Fault { underlying.fault }
    var description: String { underlying.description }
  }

  /// Results as they come in, printed in order.
  private final class Ledger: Sendable {
    private struct State {
      var waiting: [Outcome?]
      var next = 0
      var worst = ExitStatus.done
    }
    private let state: Mutex<State>
    let progress: BatchProgress?

    init(count: Int) {
      progress = BatchProgress(files: count)
      state = Mutex(State(waiting: [Outcome?](repeating: nil, count: count)))
    }

    var worst: ExitStatus { state.withLock { $0.worst } }

    func enter(_ outcome: Outcome, at index: Int) {
      state.withLock { state in
        state.waiting[index] = outcome
        state.worst = max(state.worst, outcome.status)
        if outcome.text != nil || outcome.complaint != nil { progress?.clear() }
        while state.next < state.waiting.count, let ready = state.waiting[state.next] {
          if let text = ready.text { Console.print(text) }
          if let complaint = ready.complaint { Console.complain(complaint) }
          state.waiting[state.next] = Outcome()
          state.next += 1
        }
        progress?.advance()
      }
    }
  }
}
