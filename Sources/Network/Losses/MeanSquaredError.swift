/// The mean of `(y - t)²` over the values of an item.
struct MeanSquaredError: Loss {
  static let names = ["MeanSquaredError", "mean_squared_error", "mse", "MSE"]
  static let meaning = LossMeaning.numbers

  init(_ settings: LossSettings) throws(LossFault) {}

  func values(of items: Items, into values: UnsafeMutablePointer<Double>) {
    items.means(into: values) { y, t in (y - t) * (y - t) }
  }

  func gradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    items.slopes(weights: weights, scale: scale, into: gradient) { y, t in
      2 * (y - t)
    }
  }
}
