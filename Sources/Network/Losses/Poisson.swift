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
}
