#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `Σ t·ln(t ÷ y)` over the values of an item, both clipped to 1e-7…1.
struct KLDivergence: Loss {
  static let names = [
    "KLDivergence", "kl_divergence", "kullback_leibler_divergence", "kld", "KLD",
  ]
  static let meaning = LossMeaning.classes

  init(_ settings: LossSettings) throws(LossFault) {}

  func values(of items: Items, into values: UnsafeMutablePointer<Double>) {
    for item in 0..<items.count {
      var sum = 0.0
      for place in 0..<items.width {
        let y = min(max(items.output(item, place), Probability.epsilon), 1)
        let t = min(max(items.target(item, place), Probability.epsilon), 1)
        sum += t * log(t / y)
      }
      values[item] = sum
    }
  }

  func gradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    items.forEachWeighted(weights, scale: scale, zeroing: gradient) { item, factor in
      for place in 0..<items.width {
        let y = items.output(item, place)
        let t = min(max(items.target(item, place), Probability.epsilon), 1)
        let isClipped = y < Probability.epsilon || y > 1
        gradient[item * items.width + place] = isClipped ? 0 : Float(-factor * t / y)
      }
    }
  }
}
