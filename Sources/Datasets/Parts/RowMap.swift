import Tensors

/// Which rows of which sets a part is made of.
struct RowMap: Sendable {
  /// Where each set begins when they are put in a row, and the end of the last.
  private let starts: [Int]
  /// Rows of that row of sets; nil for all of them from the first on.
  private let chosen: [Int]?
  let count: Int

  /// The first `limit` rows of sets of so many rows.
  init(_ counts: [Int], limit: Int? = nil) {
    starts = counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    chosen = nil
    count = min(starts[counts.count], limit ?? .max)
  }

  private init(starts: [Int], chosen: [Int]) {
    self.starts = starts
    self.chosen = chosen
    count = chosen.count
  }

  /// The rows at `places` of this map.
  func picking(_ places: [Int]) -> RowMap {
    RowMap(starts: starts, chosen: chosen.map { all in places.map { all[$0] } } ?? places)
  }

  /// The set and its row that a row of the part is.
  func locate(_ row: Int) -> (set: Int, row: Int) {
    precondition((0..<count).contains(row))
    let place = chosen?[row] ?? row
    var set = 0
    while place >= starts[set + 1] { set += 1 }
    return (set, place - starts[set])
  }

  /// Calls `body` with runs of rows that lie one after another in a set: the set, its rows, and how
  /// many rows came before.
  func forEachRun<Rows: RandomAccessCollection<Int>>(
    of rows: Rows, _ body: (Int, Range<Int>, Int) throws(DataError) -> Void
  ) throws(DataError) {
    var done = 0
    var run: (set: Int, rows: Range<Int>)?
    for row in rows {
      let (set, place) = locate(row)
      if let open = run, open.set == set, open.rows.upperBound == place {
        run = (set, open.rows.lowerBound..<place + 1)
        continue
      }
      if let open = run {
        try body(open.set, open.rows, done)
        done += open.rows.count
      }
      run = (set, place..<place + 1)
    }
    if let open = run { try body(open.set, open.rows, done) }
  }

  /// Two parts of so many rows of `count` are drawn apart, both in order: by a partial shuffle
  /// (Knuth, volume 2, algorithm P) with SplitMix64 (Steele, Lea, Flood 2014).
  static func drawn(_ wanted: Int, of count: Int, seed: UInt64) -> (drawn: [Int], rest: [Int]) {
    var state = seed
    var order = Array(0..<count)
    for place in 0..<wanted {
      state &+= SplitMix.step
      let span = UInt64(count - place)
      order.swapAt(place, place + Int(SplitMix.mix(state).multipliedFullWidth(by: span).high))
    }
    return (order[..<wanted].sorted(), order[wanted...].sorted())
  }
}
