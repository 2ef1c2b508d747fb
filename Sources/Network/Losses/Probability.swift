#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the losses on probabilities share.
enum Probability {
  /// `keras.config.epsilon()`: nothing is less likely than this before a logarithm.
  static let epsilon = 1e-7

  /// `p`, kept away from 0 and 1; NaN stays.
  @inline(__always)
  static func clipped(_ p: Double) -> Double { min(max(p, epsilon), 1 - epsilon) }

  @inline(__always)
  static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  /// ln(1 + eˣ), without overflow.
  @inline(__always)
  static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

  /// ln Σ eˣ over an item's outputs, the largest taken out before.
  @inline(__always)
  static func logSumExp(_ items: Items, _ item: Int) -> Double {
    var largest = items.output(item, 0)
    for place in 1..<max(1, items.width) { largest = max(largest, items.output(item, place)) }
    // Of infinite logits the difference to the largest is not defined.
    if largest.isInfinite { return largest }
    var sum = 0.0
    for place in 0..<items.width { sum += exp(items.output(item, place) - largest) }
    return largest + log(sum)
  }

  /// Whether `clipped` changes `p`, so that nothing depends on it. The floor and ceiling
  /// are those of float32, in which Keras compares.
  @inline(__always)
  static func isClipped(_ p: Double) -> Bool {
    p < Double(Float(epsilon)) || p > Double(Float(1 - epsilon))
  }

  /// The derivative of `crossentropy` by `p`.
  @inline(__always)
  static func crossentropySlope(_ p: Double, _ t: Double) -> Double {
    isClipped(p) ? 0 : (1 - t) / (1 - p) - t / p
  }

  /// `-t·ln p - (1 - t)·ln(1 - p)`, `p` clipped.
  @inline(__always)
  static func crossentropy(_ p: Double, _ t: Double) -> Double {
    let p = clipped(p)
    return -(t * log(p) + (1 - t) * log(1 - p))
  }
}
