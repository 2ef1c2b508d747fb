import Tensors

/// The float of each level, in order of the levels, zero left out: what codebooks and grids come to.
struct LevelTable: Sendable, Equatable {
  let span: LevelSpan
  /// From level -`below` on.
  let entries: [Float]
  /// The same with zero at its place.
  private let floats: [Float]
  /// What values are compared with: the entries in ascending order, and the level of each.
  private let points: [Double]
  private let levels: [Int16]

  /// Throws where an entry is no number of `type` but zero: then a level would not be what it stands
  /// for.
  init(_ entries: [Float], below: Int, type: ElementType) throws(Malformed) {
    for entry in entries {
      guard entry.isFinite, type.nearest(entry) != 0 else {
        throw Malformed("has \(entry) in its table, which is no number of \(type) but zero")
      }
    }
    self.init(entries, below: below)
  }

  /// Entries that are known to be right. With `offersZero` a value may become zero where that is
  /// nearest.
  init(_ entries: [Float], below: Int, offersZero: Bool = false) {
    precondition(below >= 0 && below <= entries.count)
    span = LevelSpan(below: below, above: entries.count - below)
    self.entries = entries
    floats = entries[..<below] + [0] + entries[below...]
    var places = Array(floats.indices)
    if !offersZero { places.remove(at: below) }
    let all = floats
    places.sort { all[$0] == all[$1] ? $0 < $1 : all[$0] < all[$1] }
    points = places.map { Double(all[$0]) }
    levels = places.map { Int16($0 - below) }
  }

  /// Reads the numbers of levels below and above zero.
  static func span(_ fields: inout FieldReader, each: Int) throws(Malformed) -> LevelSpan {
    let below = try fields.count(each: each)
    let above = try fields.count(each: each)
    guard below <= LevelSpan.most, above <= LevelSpan.most,
      (below + above) * each <= fields.remaining
    else { throw Malformed("has a table of \(below) and \(above) levels where \(fields.remaining) bytes are left") }
    return LevelSpan(below: below, above: above)
  }

  func floats(
    of words: UnsafePointer<Int16>, count: Int, into out: UnsafeMutablePointer<Float>
  ) throws(Malformed) {
    for i in 0..<count {
      let place = Int(words[i]) + span.below
      guard place >= 0, place < floats.count else {
        throw Malformed("has a level \(words[i]) that is not in its table")
      }
      out[i] = floats[place]
    }
  }

  /// The level of what is nearest to each value, of two that are as near the lower one's. Zeros stay
  /// zeros.
  func nearest(
    to values: UnsafePointer<Double>, count: Int, into words: UnsafeMutablePointer<Int16>
  ) {
    guard let last = points.indices.last else {
      words.update(repeating: 0, count: count)
      return
    }
    for i in 0..<count {
      let value = values[i]
      if value == 0 {
        words[i] = 0
        continue
      }
      // The first point whose middle with the next one is not below the value.
      var (low, high) = (0, last)
      while low < high {
        let middle = (low + high) / 2
        if value <= 0.5 * points[middle] + 0.5 * points[middle + 1] {
          high = middle
        } else {
          low = middle + 1
        }
      }
      words[i] = levels[low]
    }
  }
}
