/// The nearest point to a row among those with no negative number and the sum 1 (Martins et al.
/// 2016, https://arxiv.org/abs/1602.02068, algorithm 1).
enum Sparsemax {
  static func rows(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, width: Int
  ) {
    var sorted = [Float](repeating: 0, count: width)
    for row in 0..<rows {
      let (from, to) = (x + row * width, y + row * width)
      for i in 0..<width { sorted[i] = from[i] }
      sorted.sort(by: >)
      // The threshold τ over the k largest, those that it leaves positive. The paper takes their sum;
      // Keras (3.15 still) takes the sum of their running sums, and we take what Keras takes.
      var (sum, supported): (Float, Float) = (0, 0)
      var k: Float = 0
      for i in 0..<width {
        sum += sorted[i]
        if sorted[i] - (sum - 1) / Float(i + 1) > 0 {
          supported += sum
          k += 1
        }
      }
      let threshold = (supported - 1) / k
      for i in 0..<width { to[i] = max(from[i] - threshold, 0) }
    }
  }

  /// `dx = dy · ∂y/∂x`, of the threshold that `rows` takes. `dx` may be `dy`.
  static func backpropagate(
    _ x: UnsafePointer<Float>, y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>, rows: Int, width: Int
  ) {
    for row in 0..<rows {
      let (x, y) = (x + row * width, y + row * width)
      let (dy, dx) = (dy + row * width, dx + row * width)
      let order = (0..<width).sorted { (-x[$0], $0) < (-x[$1], $1) }
      var (sum, k): (Float, Int) = (0, 0)
      for (i, place) in order.enumerated() {
        sum += x[place]
        if x[place] - (sum - 1) / Float(i + 1) > 0 { k += 1 }
      }
      var total: Float = 0
      for i in 0..<width {
        dx[i] = y[i] > 0 ? dy[i] : 0
        total += dx[i]
      }
      // The largest number is in all of the running sums, the next in one fewer.
      for (rank, place) in order.prefix(k).enumerated() {
        dx[place] -= total * Float(k - rank) / Float(k)
      }
    }
  }
}
