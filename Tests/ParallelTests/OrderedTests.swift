import Synchronization
import Testing

@testable import Parallel

struct OrderedTests {
  @Test(arguments: [0, 1, 2, 3, 33, 1000], [1, 2, 7])
  func consumesEveryBlockInOrder(blocks: Int, window: Int) throws {
    let seen = Mutex<[Int]>([])
    let open = Mutex((now: 0, most: 0))
    try Parallel.inOrder(blocks, window: window) { block in
      open.withLock {
        $0.now += 1
        $0.most = max($0.most, $0.now)
      }
      return block * block
    } consume: { block, square in
      #expect(square == block * block)
      open.withLock { $0.now -= 1 }
      seen.withLock { $0.append(block) }
    }
    #expect(seen.withLock { $0 } == Array(0..<blocks))
    #expect(open.withLock { $0.most } <= max(1, window))
  }

  struct Bad: Error {}

  @Test func stopsAtTheFirstError() {
    let consumed = Mutex<[Int]>([])
    #expect(throws: Bad.self) {
      try Parallel.inOrder(100, window: 4) {
        if $0 == 7 { throw Bad() } else { $0 }
      } consume: { block, _ in
        consumed.withLock { $0.append(block) }
      }
    }
    #expect(consumed.withLock { $0 } == Array(0..<consumed.withLock { $0.count }))
    #expect(consumed.withLock { $0.count } <= 7)
  }

  @Test func stopsWhenConsumingFails() {
    #expect(throws: Bad.self) {
      try Parallel.inOrder(100, window: 4) {
        $0
      } consume: { block, _ in
        if block == 5 { throw Bad() }
      }
    }
  }
}
