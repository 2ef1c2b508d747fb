/// The mean over the values of an item of `-t·ln p - (1 - t)·ln(1 - p)`.
///
/// p is clipped to 1e-7…1-1e-7; of logits x it is `max(x, 0) - x·t + ln(1 + e^-|x|)`. With label
/// smoothing s, t is `t·(1 - s) + s/2`.
struct BinaryCrossentropy: LogitsLoss {
  static let takesSmoothing = true
  static let names = ["BinaryCrossentropy", "binary_crossentropy", "bce", "BCE"]
  static let meaning = LossMeaning.decisions
  var labels: LabelRange? { .unit }
  static let activation = OutputActivation.sigmoid

  let fromLogits: Bool
  private let smoothing: Double

  init(_ settings: LossSettings) throws(LossFault) {
    try settings.checkAxis()
    fromLogits = try settings.flag("from_logits")
    smoothing = try settings.share("label_smoothing")
  }

  func values(of items: Items, into values: UnsafeMutablePointer<Double>) {
    let (keep, add) = (1 - smoothing, smoothing / 2)
    if fromLogits {
      items.means(into: values) { x, t in Probability.softplus(x) - x * (t * keep + add) }
    } else {
      items.means(into: values) { p, t in Probability.crossentropy(p, t * keep + add) }
    }
  }

  func gradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    let (keep, add) = (1 - smoothing, smoothing / 2)
    if fromLogits {
      items.slopes(weights: weights, scale: scale, into: gradient) { x, t in
        Probability.sigmoid(x) - (t * keep + add)
      }
    } else {
      items.slopes(weights: weights, scale: scale, into: gradient) { p, t in
        Probability.crossentropySlope(p, t * keep + add)
      }
    }
  }

  func logitsGradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    let (keep, add) = (1 - smoothing, smoothing / 2)
    items.slopes(weights: weights, scale: scale, into: gradient) { p, t in p - (t * keep + add) }
  }
}
