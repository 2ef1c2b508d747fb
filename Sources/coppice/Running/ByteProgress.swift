import Dispatch
import Documents
import Files
import Reports
import Synchronization

/// How far the work on one large file is, on standard error, where that is a terminal: a share, the rate
/// and the time left of what is being done.
///
/// The work only counts the bytes that it has behind it (`Passage`). A timer looks at that count, six
/// times a second; where nobody would see it there is no timer.
enum ByteProgress {
  /// Fewer bytes are done before anybody wonders.
  static let least = 64 << 20
  private static let isOff = Atomic<Bool>(false)

  /// Leaves the line to the progress of a batch.
  static func turnOff() { isOff.store(true, ordering: .relaxed) }

  /// Runs `body`, which goes through `bytes` bytes so many times.
  static func showing<Result>(
    _ label: String, _ bytes: Int, passes: Int = 1, _ body: () throws -> Result
  ) rethrows -> Result {
    guard bytes >= least, !isOff.load(ordering: .relaxed), Console.showsProgress else {
      return try body()
    }
    let line = Line(label, bytes: bytes, passes: passes)
    defer { line.end() }
    return try body()
  }

  /// The line while it stands.
  private final class Line {
    private let queue = DispatchQueue(label: "progress")
    private let timer: any DispatchSourceTimer

    init(_ label: String, bytes: Int, passes: Int) {
      let progress = Mutex(Progress(label, total: bytes, unit: .bytes, at: 0))
      let clock = Stopwatch()
      let start = Passage.bytes
      timer = DispatchSource.makeTimerSource(queue: queue)
      timer.setEventHandler {
        let done = min((Passage.bytes - start) / passes, bytes)
        // Work that has nothing to count yet has no share either.
        guard done > 0 else { return }
        let line = progress.withLock {
          $0.update(done: done, at: clock.seconds, width: Console.errorWidth, color: false)
        }
        if let line { Console.mark(line) }
      }
      timer.schedule(deadline: .now() + .milliseconds(250), repeating: Progress.interval)
      timer.resume()
    }

    func end() {
      timer.cancel()
      // One that is writing ends first.
      queue.sync {}
      Console.unmark()
    }
  }
}

extension Container {
  /// Bytes of all values: of the datasets of its documents, and of its other parts.
  var valueBytes: Int {
    parts.reduce(0) { sum, part in
      switch part.content {
      case .bytes(let source): return sum + source.count
      case .document(let document):
        return document.objects.reduce(sum) { sum, object in
          guard case .dataset(let dataset) = object, case .plain(let source) = dataset.value else {
            return sum
          }
          return sum + source.count
        }
      }
    }
  }
}
