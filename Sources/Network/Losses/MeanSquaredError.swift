/// The mean of `(y - t)²` over the values of an item.
struct MeanSquaredError: Loss {
  static let names = ["MeanSquaredError", "mean_squared_error", "mse", "MSE"]
  static let meaning = LossMeaning.numbers

  init(_ settings: LossSettings) throws(LossFault) {}

  func values(of items: Items, into values: UnsafeMutablePointer<Double>) {
    items.means(into: values) { y, t in (y - t) * (y - t) }
  }
}
