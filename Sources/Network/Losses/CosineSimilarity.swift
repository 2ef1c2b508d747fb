/// `-Σ t·y ÷ (‖t‖·‖y‖)` over the values of an item, no norm below 1e-7.
struct CosineSimilarity: Loss {
  static let names = ["CosineSimilarity", "cosine_similarity", "cosine_proximity", "cosine"]
  static let meaning = LossMeaning.numbers

  init(_ settings: LossSettings) throws(LossFault) { try settings.checkAxis() }

  func values(of items: Items, into values: UnsafeMutablePointer<Double>) {
    let least = Probability.epsilon * Probability.epsilon
    for item in 0..<items.count {
      var (product, outputs, targets) = (0.0, 0.0, 0.0)
      for place in 0..<items.width {
        let (y, t) = (items.output(item, place), items.target(item, place))
        product += y * t
        outputs += y * y
        targets += t * t
      }
      values[item] =
        -product / (max(outputs, least).squareRoot() * max(targets, least).squareRoot())
    }
  }

  func gradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    let least = Probability.epsilon * Probability.epsilon
    items.forEachWeighted(weights, scale: scale, zeroing: gradient) { item, factor in
      var (product, outputs, targets) = (0.0, 0.0, 0.0)
      for place in 0..<items.width {
        let (y, t) = (items.output(item, place), items.target(item, place))
        product += y * t
        outputs += y * y
        targets += t * t
      }
      // d(y ÷ ‖y‖) = dy ÷ ‖y‖ - y·(y·dy) ÷ ‖y‖³; a norm at the floor is a constant.
      let norm = max(outputs, least).squareRoot()
      let goal = max(targets, least).squareRoot()
      let pull = outputs < least ? 0 : product / (norm * norm * norm * goal)
      for place in 0..<items.width {
        let (y, t) = (items.output(item, place), items.target(item, place))
        gradient[item * items.width + place] = Float(-factor * (t / (norm * goal) - y * pull))
      }
    }
  }
}
