import JSON
import Keras

/// What padding and cropping layers share: margins as configurations write them, and copying one
/// box into another.
enum Margins {
  /// One number for all sides, one a dimension, or a pair a dimension.
  static func read(
    _ definition: Definition, _ key: String, rank: Int, default standard: Int
  ) throws(LayerFault) -> [(before: Int, after: Int)] {
    guard let value = definition.settings.value(key) else {
      return [(before: Int, after: Int)](repeating: (standard, standard), count: rank)
    }
    func fault() -> LayerFault { .bad("\(key) is \(value.shown), which are no margins") }
    func size(_ value: JSON.Value) throws(LayerFault) -> Int {
      guard let size = LayerReading.size(value), size >= 0 else { throw fault() }
      return size
    }
    if value.integerValue != nil {
      let one = try size(value)
      return [(before: Int, after: Int)](repeating: (one, one), count: rank)
    }
    guard var list = LayerReading.list(value) else { throw fault() }
    // One dimension's pair may stand by itself.
    if rank == 1, list.count == 2, list.allSatisfy({ $0.integerValue != nil }) {
      list = [.array(list)]
    }
    // Keras 1 wrote (top, bottom, left, right).
    if rank == 2, list.count == 4, list.allSatisfy({ $0.integerValue != nil }) {
      list = [.array([list[0], list[1]]), .array([list[2], list[3]])]
    }
    guard list.count == rank else { throw fault() }
    var margins: [(before: Int, after: Int)] = []
    for member in list {
      if let pair = LayerReading.list(member) {
        guard pair.count == 2 else { throw fault() }
        margins.append((try size(pair[0]), try size(pair[1])))
      } else {
        let one = try size(member)
        margins.append((one, one))
      }
    }
    return margins
  }

  /// Copies what `from` and `to` (boxes with channels last) have in common when element 0 of `from`
  /// lies at `shift` in `to`.
  static func copy(
    _ x: UnsafePointer<Float>, _ from: [Int], into y: UnsafeMutablePointer<Float>, _ to: [Int],
    rows: Int, shift: [Int]
  ) {
    let rank = shift.count
    let channels = from[rank]
    let starts = shift.map { max(0, -$0) }
    let sizes = (0..<rank).map { min(from[$0], to[$0] - shift[$0]) - starts[$0] }
    guard sizes.allSatisfy({ $0 > 0 }) else { return }
    let lines = sizes.dropLast().reduce(1, *)
    let length = sizes[rank - 1] * channels
    let (fromCount, toCount) = (from.reduce(1, *), to.reduce(1, *))
    for row in 0..<rows {
      for line in 0..<lines {
        var (rest, source, target, step, stepTo) = (line, 0, 0, from[rank - 1], to[rank - 1])
        for i in stride(from: rank - 2, through: 0, by: -1) {
          let place = rest % sizes[i] + starts[i]
          rest /= sizes[i]
          source += place * step
          target += (place + shift[i]) * stepTo
          step *= from[i]
          stepTo *= to[i]
        }
        let last = starts[rank - 1]
        (y + row * toCount + (target + last + shift[rank - 1]) * channels).update(
          from: x + row * fromCount + (source + last) * channels, count: length)
      }
    }
  }
}
