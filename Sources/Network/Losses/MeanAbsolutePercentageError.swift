/// The mean of `100·|y - t| ÷ max(|t|, 1e-7)` over the values of an item.
struct MeanAbsolutePercentageError: Loss {
  static let names = [
    "MeanAbsolutePercentageError", "mean_absolute_percentage_error", "mape", "MAPE",
  ]
  static let meaning = LossMeaning.numbers

  init(_ settings: LossSettings) throws(LossFault) {}

  func values(of items: Items, into values: UnsafeMutablePointer<Double>) {
    items.means(into: values) { y, t in 100 * abs(y - t) / max(abs(t), Probability.epsilon) }
  }

  func gradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    items.slopes(weights: weights, scale: scale, into: gradient) { y, t in
      100 * signum(y - t) / max(abs(t), Probability.epsilon)
    }
  }
}
