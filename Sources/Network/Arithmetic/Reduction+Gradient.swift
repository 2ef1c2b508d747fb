import Glibc

extension Reduction {
  /// `dx[row][i] = dy[row] · ∂f(x[row])/∂x[row][i]` for `rows` rows of `width`; equals share what a
  /// largest or smallest number gets. Zeros of what counts and of what tells places.
  func backpropagate(
    _ x: UnsafePointer<Float>, y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>, rows: Int, width: Int
  ) {
    for row in 0..<rows {
      let (x, dx) = (x + row * width, dx + row * width)
      let (y, dy) = (y[row], dy[row])
      switch self {
      case .sum: dx.update(repeating: dy, count: width)
      case .mean: dx.update(repeating: dy / Float(width), count: width)
      case .max, .min:
        let equals = (0..<width).count { x[$0] == y }
        for i in 0..<width { dx[i] = x[i] == y ? dy / Float(equals) : 0 }
      case .prod:
        // The product of what stands before, then of what stands behind: no division by zeros.
        var product: Float = 1
        for i in 0..<width {
          dx[i] = product
          product *= x[i]
        }
        product = 1
        for i in (0..<width).reversed() {
          dx[i] *= product * dy
          product *= x[i]
        }
      case .variance, .deviation:
        let mean = Self.sum(x, width) { $0 } / Float(width)
        let factor = (self == .variance ? 2 * dy : dy / y) / Float(width)
        for i in 0..<width { dx[i] = factor * (x[i] - mean) }
      case .logSumExp: for i in 0..<width { dx[i] = dy * expf(x[i] - y) }
      case .norm: for i in 0..<width { dx[i] = dy * x[i] / y }
      case .all, .any, .countNonzero, .argmax, .argmin: dx.update(repeating: 0, count: width)
      }
    }
  }
}
