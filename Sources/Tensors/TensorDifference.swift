import Files
import Parallel

/// How far two tensors of one shape lie apart, element by element.
public struct TensorDifference: Sendable, Equatable {
  /// Elements whose stored bits differ; where the types differ, whose values do (NaN equals NaN, and
  /// -0.0 is another than +0.0).
  public var changed = 0
  /// Largest |a − b|, and the root of the mean of (a − b)², over the elements that are finite in
  /// both; nil where there is none, or where the types are no numbers.
  public var largest: Double?
  public var rootMeanSquare: Double?

  /// Compares blocks of a fixed size in order, so that the sums do not depend on the number of
  /// threads. Throws what the sources throw. Both have the same number of elements.
  public static func measure(_ a: TensorValues, _ b: TensorValues) throws -> TensorDifference {
    precondition(a.count == b.count)
    let blocks = TensorBlock.all(of: [a.count])
    let parts = try Parallel.map(blocks.count) { try Part(a, b, blocks[$0].range) }
    let whole = parts.reduce(into: Part()) { $0.add($1) }
    var difference = TensorDifference(changed: whole.changed)
    if whole.finite > 0 {
      difference.largest = whole.largest
      difference.rootMeanSquare = (whole.squares / Double(whole.finite)).squareRoot()
    }
    return difference
  }

  private struct Part: Sendable {
    var changed = 0
    var finite = 0
    var largest = 0.0
    var squares = 0.0

    init() {}

    init(_ a: TensorValues, _ b: TensorValues, _ range: Range<Int>) throws {
      guard a.type == b.type else {
        try compareValues(a, b, range, countsChanges: true)
        return
      }
      let size = a.type.size
      let bytes = range.lowerBound * size..<range.upperBound * size
      let (changed, isEqual) = try a.source.withBytes(bytes) { left in
        try b.source.withBytes(bytes) { right -> (Int, Bool) in
          if left.elementsEqual(right) { return (0, true) }
          let changed = stride(from: 0, to: bytes.count, by: size).count { at in
            !left[at..<at + size].elementsEqual(right[at..<at + size])
          }
          return (changed, false)
        }
      }
      self.changed = changed
      Passage.add(bytes.count)
      guard a.type.isNumber else { return }
      if isEqual { finite = range.count } else { try compareValues(a, b, range, countsChanges: false) }
    }

    private mutating func compareValues(
      _ a: TensorValues, _ b: TensorValues, _ range: Range<Int>, countsChanges: Bool
    ) throws {
      guard a.type.isNumber, b.type.isNumber else {
        changed = range.count
        return
      }
      for (x, y) in zip(try a.doubles(range), try b.doubles(range)) {
        if countsChanges, x.isNaN ? !y.isNaN : x != y || x.sign != y.sign { changed += 1 }
        guard x.isFinite, y.isFinite else { continue }
        finite += 1
        largest = max(largest, abs(x - y))
        squares += (x - y) * (x - y)
      }
    }

    mutating func add(_ next: Part) {
      changed += next.changed
      finite += next.finite
      largest = max(largest, next.largest)
      squares += next.squares
    }
  }
}
