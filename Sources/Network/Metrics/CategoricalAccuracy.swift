/// The share of items whose largest output is at the place of their class, which Keras calls
/// categorical and sparse categorical accuracy. Of equal outputs the first counts; an item with a NaN
/// is wrong.
struct CategoricalAccuracy: Metric {
  private var correct = 0
  private var total = 0

  mutating func add(_ items: Items) {
    total += items.count
    for item in 0..<items.count where items.largestOutput(item) == items.targetClass(item) {
      correct += 1
    }
  }

  var scores: [Score] {
    [.share("accuracy", correct, of: total), .count("correct", correct), .count("total", total)]
  }
}
