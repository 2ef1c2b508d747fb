/// The mean of `max(1 - t·y, 0)²` over the values of an item; a target of 0 means -1.
struct SquaredHinge: Loss {
  static let names = ["SquaredHinge", "squared_hinge"]
  static let meaning = LossMeaning.decisions
  var labels: LabelRange? { .signs }

  let isMargin = true

  init(_ settings: LossSettings) throws(LossFault) {}

  func values(of items: Items, into values: UnsafeMutablePointer<Double>) {
    items.means(into: values) { y, t in
      let margin = max(1 - SignedLabel.of(t) * y, 0)
      return margin * margin
    }
  }

  func gradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    items.slopes(weights: weights, scale: scale, into: gradient) { y, t in
      let label = SignedLabel.of(t)
      return -2 * label * max(1 - label * y, 0)
    }
  }
}
