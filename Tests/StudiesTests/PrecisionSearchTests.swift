import Testing

@testable import Studies

struct PrecisionSearchTests {
  typealias Option = PrecisionSearch.Option

  /// Two tensors: the large one has a cheap way down, the other a dear one.
  private let search = PrecisionSearch([
    [
      Option(bytes: 1000, harm: 0), Option(bytes: 500, harm: 1), Option(bytes: 600, harm: 3),
      Option(bytes: 100, harm: 4),
    ],
    [Option(bytes: 100, harm: 0), Option(bytes: 50, harm: 8), Option(bytes: 40, harm: 8.1)],
  ])

  /// Option 2 of the first tensor is above the line from 0 to 1, option 1 of the second above that
  /// from 0 to 2.
  @Test func thePathFollowsTheHull() {
    #expect(search.path == [[0, 0], [1, 0], [3, 0], [3, 2]])
  }

  @Test func theFewestBytesThatHoldAreFound() {
    let harms: [[Double]] = [[0, 1, 3, 4], [0, 8, 8.1]]
    for limit in stride(from: 0.0, through: 13, by: 0.25) {
      let best = search.best { harms[0][$0[0]] + harms[1][$0[1]] <= limit }
      // By trying all.
      var least = Int.max
      for first in 0..<4 {
        for second in 0..<3 where harms[0][first] + harms[1][second] <= limit {
          least = min(least, search.bytes(of: [first, second]))
        }
      }
      #expect(best.map { search.bytes(of: $0) } == least, "\(limit)")
    }
  }

  @Test func nothingIsChosenWhereNothingHolds() {
    #expect(search.best { _ in false } == nil)
    #expect(search.best { $0 == [0, 0] } == [0, 0])
    #expect(search.best { _ in true } == [3, 2])
  }

  @Test func aWayThatTheHullMissesIsTried() {
    let search = PrecisionSearch([
      [Option(bytes: 100, harm: 0), Option(bytes: 90, harm: 2), Option(bytes: 10, harm: 3)]
    ])
    #expect(search.path == [[0], [2]])
    #expect(search.best { $0[0] < 2 } == [1])
  }

  /// The guess says that the second option harms more; the metric says that it does not.
  @Test func whatHalvingDoesNotMeetIsTried() {
    let search = PrecisionSearch([
      [Option(bytes: 100, harm: 0), Option(bytes: 50, harm: 1), Option(bytes: 40, harm: 2)],
      [Option(bytes: 100, harm: 0), Option(bytes: 50, harm: 1), Option(bytes: 40, harm: 2)],
    ])
    let holds = { (choice: [Int]) in choice == [0, 0] || choice == [1, 1] || choice == [2, 2] }
    #expect(search.best(holds: holds) == [2, 2])
    let some = { (choice: [Int]) in choice == [0, 0] || choice == [1, 1] }
    #expect(search.best(trying: [[2, 2], [1, 1]], holds: some) == [1, 1])
  }

  @Test func fewTrialsAreMade() {
    let many = PrecisionSearch(
      (0..<20).map { tensor in
        (0..<10).map { Option(bytes: 1000 - 90 * $0 - tensor, harm: Double($0 * $0 + tensor)) }
      })
    var trials = 0
    _ = many.best { choice in
      trials += 1
      return choice.reduce(0, +) < 60
    }
    #expect(trials <= 1 + 1 + 8 + 20)
  }
}
