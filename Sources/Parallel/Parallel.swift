import CKernels
import Dispatch
import Synchronization

/// Work split into blocks over the cores this process may use.
///
/// Block sizes never depend on the number of threads, and partial results come back in block
/// order, so a result is the same whatever `--threads` says.
public enum Parallel {
  private static let chosen = Atomic<Int>(0)

  /// How many threads `forEach` and `map` use at most: 1 or more. By default the cores that this
  /// process is allowed to run on.
  public static var threads: Int {
    get {
      let n = chosen.load(ordering: .relaxed)
      return n > 0 ? n : availableCores
    }
    set { chosen.store(max(0, newValue), ordering: .relaxed) }
  }

  /// The cores in this process's affinity mask, or all that are online where there is no mask.
  public static let availableCores = max(1, Int(ck_available_cores()))

  /// Calls `body` once for every block index in `0..<blocks`, several at a time.
  ///
  /// The first error in block order is thrown after all running blocks have ended; blocks that
  /// had not begun by then are skipped. `most` holds back threads where each takes much memory.
  public static func forEach(
    _ blocks: Int, atMost most: Int? = nil, _ body: @Sendable (Int) throws -> Void
  ) throws {
    let workers = min(threads, blocks, most ?? Int.max)
    guard workers > 1 else {
      for block in 0..<max(0, blocks) { try body(block) }
      return
    }
    let next = Atomic<Int>(0)
    let failure = Mutex<(block: Int, error: any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      while true {
        let block = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard block < blocks, failure.withLock({ $0 == nil }) else { return }
        do {
          try body(block)
        } catch {
          failure.withLock { if $0 == nil || block < $0!.block { $0 = (block, error) } }
          return
        }
      }
    }
    if let failed = failure.withLock({ $0 }) { throw failed.error }
  }

  /// What `body` makes of every block index in `0..<blocks`, in order.
  public static func map<Result: Sendable>(
    _ blocks: Int, atMost most: Int? = nil, _ body: @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    let results = Mutex([Result?](repeating: nil, count: max(0, blocks)))
    try forEach(blocks, atMost: most) { block in
      let result = try body(block)
      results.withLock { $0[block] = result }
    }
    return results.withLock { $0.map { $0! } }
  }

  /// `0..<count` cut so that neighbours stand together as long as they weigh at most `most`; one that
  /// weighs more stands alone.
  public static func groups(
    of count: Int, most: Int, weight: (Int) throws -> Int
  ) rethrows -> [Range<Int>] {
    var groups: [Range<Int>] = []
    var start = 0
    var sum = 0
    for index in 0..<max(0, count) {
      let own = try weight(index)
      let (more, overflow) = sum.addingReportingOverflow(own)
      if index > start, overflow || more > most {
        groups.append(start..<index)
        (start, sum) = (index, own)
      } else {
        sum = more
      }
    }
    if start < count { groups.append(start..<count) }
    return groups
  }

  /// `0..<count` cut into pieces of `size` (the last one shorter).
  public static func pieces(of count: Int, size: Int) -> [Range<Int>] {
    precondition(size > 0)
    return stride(from: 0, to: count, by: size).map { $0..<min(count, $0 + size) }
  }
}
