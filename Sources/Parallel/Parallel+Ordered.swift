import Dispatch
import Synchronization

extension Parallel {
  /// Makes something of every block in `0..<blocks`, several at a time, and hands the results to
  /// `consume` one after another in block order. No more than `window` blocks are begun and not
  /// yet consumed at once, so memory is bounded however uneven the blocks are.
  ///
  /// `consume` runs on one thread at a time, though not always the same one. The first error stops
  /// the work and is thrown when all running blocks have ended.
  public static func inOrder<Result: Sendable>(
    _ blocks: Int, window: Int, make: @Sendable (Int) throws -> Result,
    consume: @Sendable (Int, Result) throws -> Void
  ) throws {
    precondition(window > 0)
    let workers = min(threads, blocks, window)
    guard workers > 1 else {
      for block in 0..<max(0, blocks) { try consume(block, make(block)) }
      return
    }
    let line = Mutex(WaitingLine<Result>())
    let taken = Atomic<Int>(0)
    // A block is begun only with a permit, given back when it has been consumed. Blocks begin in
    // order, so the one that everybody waits for always has its permit. (Filled by hand: Dispatch
    // stops the program when a semaphore ends below the value it was made with.)
    let permits = DispatchSemaphore(value: 0)
    for _ in 0..<window { permits.signal() }
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      while true {
        permits.wait()
        let block = taken.wrappingAdd(1, ordering: .relaxed).oldValue
        guard block < blocks, line.withLock({ $0.failure == nil }) else {
          permits.signal()
          return
        }
        do {
          let made = try make(block)
          line.withLock { $0.waiting[block] = made }
          // Whoever finds nobody consuming takes over, until the next result is not there yet.
          while let (index, result) = line.withLock({ $0.take() }) {
            do {
              try consume(index, result)
            } catch {
              line.withLock { $0.fail(index, error) }
              throw error
            }
            line.withLock { $0.consumed() }
            permits.signal()
          }
        } catch {
          line.withLock { $0.fail(block, error) }
          // Results that wait keep their permits: let everybody come and see that it is over.
          for _ in 0..<workers { permits.signal() }
          return
        }
      }
    }
    if let failed = line.withLock({ $0.failure }) { throw failed.error }
  }
}

/// Results that are made but not yet consumed.
private struct WaitingLine<Result> {
  var waiting: [Int: Result] = [:]
  private(set) var failure: (block: Int, error: any Error)?
  private var next = 0
  private var isConsuming = false

  /// The next result in order, if it is there and nobody is consuming.
  mutating func take() -> (Int, Result)? {
    guard !isConsuming, failure == nil, let result = waiting.removeValue(forKey: next) else {
      return nil
    }
    isConsuming = true
    return (next, result)
  }

  mutating func consumed() {
    next += 1
    isConsuming = false
  }

  mutating func fail(_ block: Int, _ error: any Error) {
    if let failure, failure.block <= block { return }
    failure = (block, error)
  }
}
