import Glibc

/// Functions that make one number of many.
enum Reduction: String {
  case sum, mean, max, min, prod, variance, deviation, all, any, countNonzero, logSumExp
  case argmax, argmin
  /// The Euclidean length.
  case norm

  /// `y[row] = f(x[row])` for `rows` rows of `width` (at least 1).
  func apply(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, width: Int
  ) {
    for row in 0..<rows {
      let from = x + row * width
      switch self {
      case .sum: y[row] = Self.sum(from, width) { $0 }
      case .mean: y[row] = Self.sum(from, width) { $0 } / Float(width)
      case .variance: y[row] = Self.variance(from, width)
      case .deviation: y[row] = Self.variance(from, width).squareRoot()
      case .norm: y[row] = Self.sum(from, width) { $0 * $0 }.squareRoot()
      case .prod:
        var product: Float = 1
        for i in 0..<width { product *= from[i] }
        y[row] = product
      case .max: y[row] = from[Self.best(from, width, >)]
      case .min: y[row] = from[Self.best(from, width, <)]
      case .argmax: y[row] = Float(Self.best(from, width, >))
      case .argmin: y[row] = Float(Self.best(from, width, <))
      case .all: y[row] = (0..<width).allSatisfy { from[$0] != 0 } ? 1 : 0
      case .any: y[row] = (0..<width).contains { from[$0] != 0 } ? 1 : 0
      case .countNonzero: y[row] = Self.sum(from, width) { $0 != 0 ? 1 : 0 }
      case .logSumExp:
        let largest = from[Self.best(from, width, >)]
        let shift = largest.isFinite ? largest : 0
        y[row] = logf(Self.sum(from, width) { expf($0 - shift) }) + shift
      }
    }
  }

  /// Sixteen running sums: the error stays small over long rows, and the loop is a vector's.
  @inline(__always)
  static func sum(_ x: UnsafePointer<Float>, _ count: Int, _ f: (Float) -> Float) -> Float {
    var lanes = SIMD16<Float>.zero
    var i = 0
    while i + 16 <= count {
      for lane in 0..<16 { lanes[lane] += f(x[i + lane]) }
      i += 16
    }
    var sum = lanes.sum()
    while i < count {
      sum += f(x[i])
      i += 1
    }
    return sum
  }

  /// Σ(x − mean)²/n, in two passes.
  static func variance(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    let mean = sum(x, count) { $0 } / Float(count)
    return sum(x, count) { ($0 - mean) * ($0 - mean) } / Float(count)
  }

  /// The place of the first number that no other is before; a NaN is before every number.
  private static func best(
    _ x: UnsafePointer<Float>, _ count: Int, _ isBefore: (Float, Float) -> Bool
  ) -> Int {
    var place = 0
    for i in 0..<count {
      if x[i].isNaN { return i }
      if isBefore(x[i], x[place]) { place = i }
    }
    return place
  }
}
