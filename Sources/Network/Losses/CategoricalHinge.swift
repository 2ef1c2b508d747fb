/// `max(max((1 - t)·y) - Σ t·y + 1, 0)` over the classes.
struct CategoricalHinge: Loss {
  static let names = ["CategoricalHinge", "categorical_hinge"]
  static let meaning = LossMeaning.classes

  init(_ settings: LossSettings) throws(LossFault) {}

  func values(of items: Items, into values: UnsafeMutablePointer<Double>) {
    for item in 0..<items.count {
      var right = 0.0
      var wrong = -Double.infinity
      for place in 0..<items.width {
        let (y, t) = (items.output(item, place), items.target(item, place))
        right += t * y
        wrong = max((1 - t) * y, wrong)
      }
      values[item] = max(wrong - right + 1, 0)
    }
  }
}
