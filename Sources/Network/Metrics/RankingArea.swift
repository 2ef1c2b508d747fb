/// The area under the ROC curve: the share of pairs of a positive and a negative item in which the
/// positive one scores higher, ties counting half (Mann and Whitney).
///
/// Exact, from the ranks of all scores. Keras's `AUC` sorts scores into 200 buckets and joins them by
/// straight lines, which comes within about a hundredth of it.
struct RankingArea: Metric {
  private var scored: [(score: Float, isPositive: Bool)] = []
  private var hasNaN = false

  /// The score of an item is its one output, or of two classes by how much the second is ahead.
  mutating func add(_ items: Items) {
    precondition(items.width <= 2, "a ranking is of one score an item")
    for item in 0..<items.count {
      let outputs = items.outputs + item * items.width
      let score = items.width == 2 ? outputs[1] - outputs[0] : outputs[0]
      let isPositive =
        items.width == 2 ? items.targetClass(item) == 1 : items.target(item, 0) > 0.5
      if score.isNaN { hasNaN = true }
      scored.append((score, isPositive))
    }
  }

  var scores: [Score] { area.map { [.number("auc", $0)] } ?? [] }

  /// Nil where all items are of one kind, or a score is NaN.
  private var area: Double? {
    let positives = scored.count { $0.isPositive }
    let negatives = scored.count - positives
    guard positives > 0, negatives > 0, !hasNaN else { return nil }
    let sorted = scored.sorted { $0.score < $1.score }
    var ranks = 0.0
    var start = 0
    while start < sorted.count {
      var end = start + 1
      while end < sorted.count, sorted[end].score == sorted[start].score { end += 1 }
      // Ranks start + 1 … end, each of equals with their mean.
      let among = sorted[start..<end].count { $0.isPositive }
      ranks += Double(among) * Double(start + 1 + end) / 2
      start = end
    }
    let least = Double(positives) * Double(positives + 1) / 2
    return (ranks - least) / (Double(positives) * Double(negatives))
  }
}
