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

  func gradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    items.forEachWeighted(weights, scale: scale, zeroing: gradient) { item, factor in
      var right = 0.0
      var wrong = -Double.infinity
      var worst = 0
      for place in 0..<items.width {
        let (y, t) = (items.output(item, place), items.target(item, place))
        right += t * y
        let value = (1 - t) * y
        if value > wrong || value.isNaN { (wrong, worst) = (value, 0) }
        if value == wrong { worst += 1 }
      }
      let isInside = !(wrong - right + 1 < 0)
      for place in 0..<items.width {
        let (y, t) = (items.output(item, place), items.target(item, place))
        // Equal ones share what the maximum is due.
        let share = (1 - t) * y == wrong ? (1 - t) / Double(worst) : 0
        let slope = wrong.isNaN || right.isNaN ? .nan : isInside ? share - t : 0
        gradient[item * items.width + place] = Float(factor * slope)
      }
    }
  }
}
