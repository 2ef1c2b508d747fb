/// Dimensions in another order.
enum Transposition {
  /// Writes every row of `x` (`[rows][shape…]`) to `y` with its dimensions in `order`: dimension `i`
  /// of the result is dimension `order[i]` of the input.
  static func apply(
    _ x: UnsafePointer<Float>, shape: [Int], order: [Int], rows: Int,
    into y: UnsafeMutablePointer<Float>
  ) {
    let rank = shape.count
    var strides = [Int](repeating: 1, count: rank)
    for i in stride(from: rank - 2, through: 0, by: -1) {
      strides[i] = strides[i + 1] * shape[i + 1]
    }
    let sizes = order.map { shape[$0] }
    let steps = order.map { strides[$0] }
    let count = shape.reduce(1, *)
    guard count > 0, rank > 0 else {
      if rank == 0 { y.update(from: x, count: rows) }
      return
    }
    let (inner, step) = (sizes[rank - 1], steps[rank - 1])
    var index = [Int](repeating: 0, count: rank)
    for row in 0..<rows {
      let source = x + row * count
      var target = y + row * count
      var from = 0
      for _ in 0..<count / inner {
        if step == 1 {
          target.update(from: source + from, count: inner)
        } else {
          for i in 0..<inner { target[i] = source[from + i * step] }
        }
        target += inner
        // The next place but for the innermost dimension.
        var axis = rank - 2
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
