#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The mean of `ln cosh(y - t)` over the values of an item, as `x + softplus(-2x) - ln 2`.
struct LogCosh: Loss {
  static let names = ["LogCosh", "log_cosh", "logcosh"]
  static let meaning = LossMeaning.numbers

  private static let ln2 = log(2.0)

  init(_ settings: LossSettings) throws(LossFault) {}

  func values(of items: Items, into values: UnsafeMutablePointer<Double>) {
    items.means(into: values) { y, t in y - t + Probability.softplus(-2 * (y - t)) - Self.ln2 }
  }

  func gradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    items.slopes(weights: weights, scale: scale, into: gradient) { y, t in
      tanh(y - t)
    }
  }
}
