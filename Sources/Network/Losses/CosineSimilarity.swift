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
}
