#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `-Σ α·(1 - p)^γ·t·ln p` over the classes, p divided by its sum and clipped to 1e-7…1-1e-7 (Lin et
/// al. 2017, equation 5).
struct CategoricalFocalCrossentropy: Loss {
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
        let t = items.target(item, place) * (1 - smoothing) + smoothing / Double(items.width)
        loss -= alpha * pow(1 - p, gamma) * t * log(p)
      }
      values[item] = loss
    }
  }
}
