#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The mean of `(ln(max(y, 1e-7) + 1) - ln(max(t, 1e-7) + 1))²` over the values of an item.
struct MeanSquaredLogarithmicError: Loss {
  static let names = [
    "MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", "msle", "MSLE",
  ]
  static let meaning = LossMeaning.numbers

  init(_ settings: LossSettings) throws(LossFault) {}

  func values(of items: Items, into values: UnsafeMutablePointer<Double>) {
    items.means(into: values) { y, t in
      let difference = log1p(max(y, Probability.epsilon)) - log1p(max(t, Probability.epsilon))
      return difference * difference
    }
  }

  func gradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    items.slopes(weights: weights, scale: scale, into: gradient) { y, t in
      if y < Probability.epsilon { return 0 }
      return 2 * (log1p(y) - log1p(max(t, Probability.epsilon))) / (y + 1)
    }
  }
}
