#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Binary cross-entropy times `(1 - pₜ)^γ`, pₜ being the probability of what is right; with class
/// balancing also times α for ones and `1 - α` for zeros (Lin et al. 2017, "Focal Loss for Dense
/// Object Detection", equation 5).
struct BinaryFocalCrossentropy: Loss {
  static let takesSmoothing = true
  static let names = ["BinaryFocalCrossentropy", "binary_focal_crossentropy"]
  static let meaning = LossMeaning.decisions
  var labels: LabelRange? { .unit }

  let fromLogits: Bool
  private let smoothing: Double
  private let alpha: Double
  private let gamma: Double
  private let balances: Bool

  init(_ settings: LossSettings) throws(LossFault) {
    try settings.checkAxis()
    fromLogits = try settings.flag("from_logits")
    smoothing = try settings.share("label_smoothing")
    alpha = try settings.double("alpha", default: 0.25)
    gamma = try settings.double("gamma", default: 2)
    balances = try settings.flag("apply_class_balancing")
  }

  func values(of items: Items, into values: UnsafeMutablePointer<Double>) {
    items.means(into: values) { x, t in
      let t = t * (1 - smoothing) + smoothing / 2
      let p = fromLogits ? Probability.sigmoid(x) : x
      let right = t * p + (1 - t) * (1 - p)
      let weight = balances ? t * alpha + (1 - t) * (1 - alpha) : 1
      return weight * pow(1 - right, gamma) * Probability.crossentropy(p, t)
    }
  }

  func gradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    items.slopes(weights: weights, scale: scale, into: gradient) { x, t in
      let t = t * (1 - smoothing) + smoothing / 2
      let p = fromLogits ? Probability.sigmoid(x) : x
      let wrong = 1 - (t * p + (1 - t) * (1 - p))
      let weight = balances ? t * alpha + (1 - t) * (1 - alpha) : 1
      let fading = gamma == 0 ? 0 : gamma * pow(wrong, gamma - 1) * (1 - 2 * t)
      let slope =
        fading * Probability.crossentropy(p, t)
        + pow(wrong, gamma) * Probability.crossentropySlope(p, t)
      return weight * slope * (fromLogits ? p * (1 - p) : 1)
    }
  }
}
