import Dispatch
import Synchronization

/// Files worked on side by side, each with its own thread; inside a file the work is split as ever.
enum SideBySide {
  /// Calls `body` once for every index in `0..<count`, at most `jobs` at a time.
  static func run(_ count: Int, jobs: Int, _ body: @Sendable (Int) -> Void) {
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: min(jobs, count)) { _ in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        body(index)
      }
    }
  }
}
