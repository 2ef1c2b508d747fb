/// The order of rows in an epoch: the same for the same seed, epoch and number of rows, on every
/// machine and for any number of threads.
public struct Shuffle: Sendable {
  private let stream: CounterStream

  public init(seed: UInt64, epoch: Int) {
    stream = CounterStream(seed, UInt64(truncatingIfNeeded: epoch), 0)
  }

  /// All of 0..<`count` in a random order (Knuth, volume 2, algorithm P).
  public func order(of count: Int) -> [Int] {
    var order = Array(0..<max(0, count))
    for place in order.indices.dropLast() {
      order.swapAt(place, place + stream.number(below: count - place, at: place))
    }
    return order
  }

  /// `rows` in a random order.
  public func order(of rows: [Int]) -> [Int] { order(of: rows.count).map { rows[$0] } }
}
