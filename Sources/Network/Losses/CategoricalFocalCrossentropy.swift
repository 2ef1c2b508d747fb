#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `-Σ α·(1 - p)^γ·t·ln p` over the classes, p divided by its sum and clipped to 1e-7…1-1e-7 (Lin et
/// al. 2017, equation 5).
struct CategoricalFocalCrossentropy: Loss {
  static let takesSmoothing = true
  static let names = ["CategoricalFocalCrossentropy", "categorical_focal_crossentropy"]
  static let meaning = LossMeaning.classes

  let fromLogits: Bool
  private let smoothing: Double
  private let alpha: Double
  private let gamma: Double

  init(_ settings: LossSettings) throws(LossFault) {
    try settings.checkAxis()
    fromLogits = try settings.flag("from_logits")
    smoothing = try settings.share("label_smoothing")
    alpha = try settings.double("alpha", default: 0.25)
    gamma = try settings.double("gamma", default: 2)
  }

  func values(of items: Items, into values: UnsafeMutablePointer<Double>) {
    for item in 0..<items.count {
      var sum = 0.0
      if !fromLogits {
        for place in 0..<items.width { sum += items.output(item, place) }
      }
      let whole = fromLogits ? Probability.logSumExp(items, item) : 0
      var loss = 0.0
      for place in 0..<items.width {
        let x = items.output(item, place)
        let p = Probability.clipped(fromLogits ? exp(x - whole) : x / sum)
        let t = smoothed(items, item, place)
        loss -= alpha * pow(1 - p, gamma) * t * log(p)
      }
      values[item] = loss
    }
  }

  func gradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    let width = items.width
    items.forEachWeighted(weights, scale: scale, zeroing: gradient) { item, factor in
      let row = gradient + item * width
      var sum = 0.0
      if !fromLogits { for place in 0..<width { sum += items.output(item, place) } }
      let whole = fromLogits ? Probability.logSumExp(items, item) : 0
      func share(_ place: Int) -> Double {
        let x = items.output(item, place)
        return fromLogits ? exp(x - whole) : x / sum
      }
      func slope(_ place: Int, _ p: Double) -> Double {
        if Probability.isClipped(p) { return 0 }
        let t = smoothed(items, item, place)
        let fading = gamma == 0 ? 0 : gamma * pow(1 - p, gamma - 1) * log(p)
        return alpha * t * (fading - pow(1 - p, gamma) / p)
      }
      // A share is its output divided by all, and as a softmax is p·(δ - p) by the logits.
      var mean = 0.0
      for place in 0..<width {
        let p = share(place)
        mean += p * slope(place, p)
      }
      for place in 0..<width {
        let p = share(place)
        row[place] = Float(factor * (slope(place, p) - mean) * (fromLogits ? p : 1 / sum))
      }
    }
  }

  @inline(__always)
  private func smoothed(_ items: Items, _ item: Int, _ place: Int) -> Double {
    items.target(item, place) * (1 - smoothing) + smoothing / Double(items.width)
  }
}
