/// Some dimensions of a value taken as one: rows of `width` numbers that a function works along.
struct AxisRows {
  /// Rows of `width` in one row of the value.
  let outer: Int
  let width: Int
  /// Nil where the dimensions are the last ones anyway.
  private let there: StridedCopy?
  private let back: StridedCopy?

  /// - Parameter axes: dimensions of `shape`, ascending.
  init(_ shape: [Int], axes: [Int]) {
    width = axes.reduce(1) { $0 * shape[$1] }
    let kept = shape.indices.filter { !axes.contains($0) }
    outer = kept.reduce(1) { $0 * shape[$1] }
    let order = kept + axes
    if order == Array(shape.indices) {
      (there, back) = (nil, nil)
    } else {
      there = .transposed(shape, order)
      back = .transposed(
        order.map { shape[$0] }, shape.indices.map { order.firstIndex(of: $0) ?? 0 })
    }
  }

  /// Whether the dimensions are the last ones.
  var isLast: Bool { there == nil }

  /// Floats of scratch for each row of the value.
  var scratch: Int { there == nil ? 0 : outer * width }

  /// Calls `work` with all rows of `width`, where they come from and where they go to (which may be
  /// the same place), and how many there are.
  func map(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int,
    scratch: UnsafeMutablePointer<Float>,
    _ work: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) {
    guard let there, let back else { return work(x, y, rows * outer) }
    let count = outer * width
    there.run(x, sourceRow: count, scratch, rows: rows)
    work(scratch, scratch, rows * outer)
    back.run(scratch, sourceRow: count, y, rows: rows)
  }

  /// The same for functions that make one number of each row of `width`.
  func reduce(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int,
    scratch: UnsafeMutablePointer<Float>,
    _ work: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) {
    guard let there else { return work(x, y, rows * outer) }
    there.run(x, sourceRow: outer * width, scratch, rows: rows)
    work(scratch, y, rows * outer)
  }

  /// Copies rows of the value to `[rows][outer][width]`.
  func gather(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, rows: Int) {
    guard let there else { return y.update(from: x, count: rows * outer * width) }
    there.run(x, sourceRow: outer * width, y, rows: rows)
  }

  /// Copies `[rows][outer][width]` back.
  func scatter(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, rows: Int) {
    guard let back else { return y.update(from: x, count: rows * outer * width) }
    back.run(x, sourceRow: outer * width, y, rows: rows)
  }
}
