/// The mean of `|y - t|` over the values of an item.
struct MeanAbsoluteError: Loss {
  static let names = ["MeanAbsoluteError", "mean_absolute_error", "mae", "MAE"]
  static let meaning = LossMeaning.numbers

  init(_ settings: LossSettings) throws(LossFault) {}

  func values(of items: Items, into values: UnsafeMutablePointer<Double>) {
    items.means(into: values) { y, t in abs(y - t) }
  }

  func gradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    items.slopes(weights: weights, scale: scale, into: gradient) { y, t in
      signum(y - t)
    }
  }
}
