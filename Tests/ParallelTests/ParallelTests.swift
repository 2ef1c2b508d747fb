import Testing

@testable import Parallel

struct ParallelTests {
  @Test(arguments: [0, 1, 2, 3, 33, 1000])
  func mapsEveryBlockInOrder(blocks: Int) throws {
    #expect(try Parallel.map(blocks) { $0 * $0 } == (0..<blocks).map { $0 * $0 })
  }

  @Test func throwsTheFirstErrorInBlockOrder() {
    struct Bad: Error, Equatable { let block: Int }
    #expect(throws: Bad.self) {
      try Parallel.forEach(100) { if $0 >= 7 { throw Bad(block: $0) } }
    }
  }

  @Test func piecesCoverEverythingOnce() {
    for count in 0...33 {
      let pieces = Parallel.pieces(of: count, size: 8)
      #expect(pieces.flatMap { Array($0) } == Array(0..<count))
    }
  }

  @Test func groupsOfNeighbours() {
    let weights = [3, 3, 9, 1, 20, 0, 0, Int.max, 2]
    #expect(
      Parallel.groups(of: weights.count, most: 10) { weights[$0] } == [0..<2, 2..<4, 4..<5, 5..<7, 7..<8, 8..<9])
    #expect(Parallel.groups(of: 3, most: Int.max) { _ in Int.max } == [0..<1, 1..<2, 2..<3])
    #expect(Parallel.groups(of: 0, most: 1) { _ in 1 } == [])
  }
}
