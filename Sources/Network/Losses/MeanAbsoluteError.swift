/// The mean of `|y - t|` over the values of an item.
struct MeanAbsoluteError: Loss {
  static let names = ["MeanAbsoluteError", "mean_absolute_error", "mae", "MAE"]
  static let meaning = LossMeaning.numbers

  init(_ settings: LossSettings) throws(LossFault) {}

  func values(of items: Items, into values: UnsafeMutablePointer<Double>) {
    items.means(into: values) { y, t in abs(y - t) }
  }
}
