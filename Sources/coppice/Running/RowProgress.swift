import Reports

/// How many rows are through, on standard error, where that is a terminal.
final class RowProgress {
  private var progress: Progress
  private var done = 0
  private let clock = Stopwatch()

  /// Nil where nobody would see it.
  init?(_ label: String, rows: Int, unit: String = "sample") {
    guard Console.showsProgress else { return nil }
    progress = Progress(label, total: rows, unit: .items(unit), at: 0)
  }

  func advance(by rows: Int) {
    done += rows
    if let line = progress.update(
      done: done, at: clock.seconds, width: Console.errorWidth, color: false)
    {
      Console.mark(line)
    }
  }

  /// Makes way for a line of result or complaint.
  func clear() { Console.unmark() }
}
