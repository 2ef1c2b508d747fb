import Testing

@testable import Datasets

struct AdaptationTests {
  @Test(
    arguments: [
      ([28, 28], [28, 28], [28, 28]), ([28, 28], [28, 28, 1], [28, 28, 1]),
      ([28, 28, 1], [28, 28], [28, 28]), ([28, 28, 1], [784], [784]), ([28, 28], [784], [784]),
      ([1, 80], [80], [80]), ([80], [80, 1], [80, 1]), ([80], [nil, 1], [80, 1]),
      ([], [1], [1]), ([], [], []), ([1], [], []), ([7], [nil], [7]), ([], [nil], [1]),
      ([32, 32, 3], [nil, nil, 3], [32, 32, 3]), ([28, 28], [nil, nil, 1], [28, 28, 1]),
      ([5, 1, 4], [5, 4], [5, 4]), ([784], [28, 28, 1], nil), ([28, 28], [nil], nil),
      ([5], [nil, nil], nil), ([3, 32, 32], [32, 32, 3], nil), ([28, 29], [28, 28], nil),
      ([4, 4], [4, 2, 2], nil),
    ] as [([Int], [Int?], [Int]?)])
  func shapes(item: [Int], wanted: [Int?], expected: [Int]?) {
    let found = Adaptation(item: item, wanted: wanted, layout: nil)
    #expect(found?.shape == expected)
    #expect(found.map { $0.move == .none } ?? true)
  }

  @Test func rowsOfTables() {
    #expect(
      Adaptation(item: [784], wanted: [28, 28, 1], layout: nil, allowsFolding: true)?.shape
        == [28, 28, 1])
    #expect(Adaptation(item: [784], wanted: [28, nil], layout: nil, allowsFolding: true) == nil)
    #expect(Adaptation(item: [28, 28], wanted: [4, 196], layout: nil, allowsFolding: true) == nil)
  }

  @Test(
    arguments: [
      (.nchw, [3, 4, 5], [4, 5, 3], .firstToLast, 2), (.nchw, [3, 4, 5], [3, 4, 5], .none, 0),
      (.nchw, [3, 3, 3], [3, 3, 3], .firstToLast, 2), (.nchw, [3, 4], [3, 4], .none, 1),
      (.nchw, [1, 4, 4], [4, 4], .firstToLast, 1), (.nchw, [3, 4, 5], [60], .firstToLast, 0),
      (.nhwc, [4, 5, 3], [4, 5, 3], .none, 2), (.nhwc, [4, 5, 3], [3, 4, 5], .lastToFirst, 0),
      (nil, [4, 5, 3], [nil, nil, 3], .none, 2),
    ] as [(DataOptions.Layout?, [Int], [Int?], Adaptation.Move, Int)])
  func layouts(
    layout: DataOptions.Layout?, item: [Int], wanted: [Int?], move: Adaptation.Move, axis: Int
  ) {
    let found = Adaptation(item: item, wanted: wanted, layout: layout)
    #expect(found?.move == move)
    #expect(found?.channelAxis == axis)
  }

  @Test func axesMove() {
    let stored: [Float] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    var moved = [Float](repeating: -1, count: 12)
    Adaptation.Move.firstToLast.apply(item: [3, 2, 2], from: stored, to: &moved)
    #expect(moved == [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11])
    var back = [Float](repeating: -1, count: 12)
    Adaptation.Move.lastToFirst.apply(item: [2, 2, 3], from: moved, to: &back)
    #expect(back == stored)
  }
}
