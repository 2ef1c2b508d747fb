import CKernels
import Glibc

/// exp of one number.
@inline(__always)
func exponential(_ x: Float) -> Float { expf(x) }

/// Softmax along rows.
enum Softmax {
  /// `y = eˣ / Σeˣ` for `rows` rows of `width`; `x` and `y` may be the same memory.
  static func rows(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, width: Int
  ) {
    for row in 0..<rows {
      let (from, to) = (x + row * width, y + row * width)
      let largest = maximum(from, width)
      var sum: Float = 0
      for i in 0..<width {
        to[i] = exponential(from[i] - largest)
        sum += to[i]
      }
      for i in 0..<width { to[i] /= sum }
    }
  }

  /// `y = x − log Σeˣ`
  static func logarithmicRows(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, width: Int
  ) {
    for row in 0..<rows {
      let (from, to) = (x + row * width, y + row * width)
      let largest = maximum(from, width)
      var sum: Float = 0
      for i in 0..<width { sum += exponential(from[i] - largest) }
      let logarithm = logf(sum)
      for i in 0..<width { to[i] = from[i] - largest - logarithm }
    }
  }

  private static func maximum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var largest = -Float.infinity
    for i in 0..<count { largest = max(largest, x[i]) }
    return largest
  }
}
