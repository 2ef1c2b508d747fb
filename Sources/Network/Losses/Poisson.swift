#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The mean of `y - t·ln(y + 1e-7)` over the values of an item.
struct Poisson: Loss {
  static let names = ["Poisson", "poisson"]
  static let meaning = LossMeaning.numbers

  init(_ settings: LossSettings) throws(LossFault) {}

  func values(of items: Items, into values: UnsafeMutablePointer<Double>) {
    items.means(into: values) { y, t in y - t * log(y + Probability.epsilon) }
  }

  func gradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    items.slopes(weights: weights, scale: scale, into: gradient) { y, t in
      1 - t / (y + Probability.epsilon)
    }
  }
}
