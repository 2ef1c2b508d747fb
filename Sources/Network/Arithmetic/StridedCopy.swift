/// A copy that reads its source in steps of its own along every dimension of the result: slices,
/// transpositions, flips and repeats are all this.
struct StridedCopy {
  /// By dimension of the result: its size, and how far its neighbours lie apart in the source.
  private let sizes: [Int]
  private let steps: [Int]
  /// Where in the source the result begins.
  private let start: Int
  /// Elements of the result.
  let count: Int

  init(sizes: [Int], steps: [Int], start: Int = 0) {
    count = sizes.reduce(1, *)
    self.start = start
    var (kept, strides): ([Int], [Int]) = ([], [])
    for (size, step) in zip(sizes, steps) where size != 1 {
      // A dimension that goes on where the one before has its next step is no dimension of its own.
      if let last = kept.last, strides[strides.count - 1] == step * size {
        kept[kept.count - 1] = last * size
        strides[strides.count - 1] = step
      } else {
        kept.append(size)
        strides.append(step)
      }
    }
    self.sizes = kept.isEmpty ? [1] : kept
    self.steps = kept.isEmpty ? [1] : strides
  }

  /// `shape` with its dimensions in `order`: dimension `i` of the result is `order[i]` of the source.
  static func transposed(_ shape: [Int], _ order: [Int]) -> StridedCopy {
    let strides = strides(of: shape)
    return StridedCopy(sizes: order.map { shape[$0] }, steps: order.map { strides[$0] })
  }

  /// Whether the result is a source of `count` elements as it is.
  func isWhole(of source: Int) -> Bool {
    count == source && start == 0 && sizes.count == 1 && steps[0] == 1
  }

  /// Row-major: how far neighbours along each dimension lie apart.
  static func strides(of shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for i in stride(from: shape.count - 2, through: 0, by: -1) {
      strides[i] = strides[i + 1] * shape[i + 1]
    }
    return strides
  }

  /// For each of `rows` rows: reads from the source, whose rows lie `sourceRow` floats apart, and
  /// writes the result, whose rows lie `resultRow` apart.
  func run(
    _ x: UnsafePointer<Float>, sourceRow: Int, _ y: UnsafeMutablePointer<Float>, resultRow: Int,
    rows: Int
  ) {
    guard count > 0 else { return }
    let last = sizes.count - 1
    let (inner, step) = (sizes[last], steps[last])
    withUnsafeTemporaryAllocation(of: Int.self, capacity: sizes.count) { index in
      index.initialize(repeating: 0)
      for row in 0..<rows {
        var from = x + row * sourceRow + start
        var to = y + row * resultRow
        for _ in 0..<count / inner {
          if step == 1 {
            to.update(from: from, count: inner)
          } else if step == 0 {
            to.update(repeating: from[0], count: inner)
          } else {
            for i in 0..<inner { to[i] = from[i * step] }
          }
          to += inner
          var axis = last - 1
          while axis >= 0 {
            index[axis] += 1
            from += steps[axis]
            if index[axis] < sizes[axis] { break }
            from -= steps[axis] * sizes[axis]
            index[axis] = 0
            axis -= 1
          }
        }
      }
    }
  }

  /// The way back: adds to the source's places what lies in the result's.
  func addBack(
    _ dy: UnsafePointer<Float>, to dx: UnsafeMutablePointer<Float>, sourceRow: Int, rows: Int
  ) {
    guard count > 0 else { return }
    let last = sizes.count - 1
    let (inner, step) = (sizes[last], steps[last])
    for row in 0..<rows {
      for line in 0..<count / inner {
        var (rest, place) = (line, start)
        for axis in (0..<last).reversed() {
          place += rest % sizes[axis] * steps[axis]
          rest /= sizes[axis]
        }
        let (from, to) = (dy + row * count + line * inner, dx + row * sourceRow + place)
        for i in 0..<inner { to[i * step] += from[i] }
      }
    }
  }

  func run(
    _ x: UnsafePointer<Float>, sourceRow: Int, _ y: UnsafeMutablePointer<Float>, rows: Int
  ) {
    run(x, sourceRow: sourceRow, y, resultRow: count, rows: rows)
  }
}
