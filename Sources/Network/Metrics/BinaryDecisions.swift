/// Every value of an output as a yes or no: yes above a threshold. Accuracy, precision, recall and F1
/// over all values; of several labels also the share of items that are right in all of them.
struct BinaryDecisions: Metric {
  /// What was said and what is true, of one label.
  struct Counts {
    var truePositives = 0
    var falsePositives = 0
    var falseNegatives = 0
  }

  /// 0.5 for probabilities, 0 for logits and margins. (Keras's own `accuracy` takes 0.5 for logits
  /// too, unless it is told otherwise.)
  let threshold: Float
  /// By place in an item.
  private(set) var labels: [Counts]
  private(set) var items = 0
  private var exact = 0

  init(width: Int, threshold: Float) {
    self.threshold = threshold
    labels = [Counts](repeating: Counts(), count: width)
  }

  /// Targets are yes above 0.5, so those of -1 and 1 are understood too.
  mutating func add(_ items: Items) {
    self.items += items.count
    for item in 0..<items.count {
      var isExact = true
      for place in 0..<items.width {
        let y = items.outputs[item * items.width + place]
        let isTrue = items.target(item, place) > 0.5
        // NaN says neither: it is wrong.
        let saysYes = y.isNaN ? !isTrue : y > threshold
        switch (saysYes, isTrue) {
        case (true, true): labels[place].truePositives += 1
        case (true, false): labels[place].falsePositives += 1
        case (false, true): labels[place].falseNegatives += 1
        case (false, false): break
        }
        if saysYes != isTrue { isExact = false }
      }
      if isExact { exact += 1 }
    }
  }

  var scores: [Score] {
    let sum = labels.reduce(into: Counts()) {
      $0.truePositives += $1.truePositives
      $0.falsePositives += $1.falsePositives
      $0.falseNegatives += $1.falseNegatives
    }
    let total = items * labels.count
    let correct = total - sum.falsePositives - sum.falseNegatives
    var scores: [Score] = [
      .share("accuracy", correct, of: total), .count("correct", correct), .count("total", total),
    ]
    if labels.count > 1 { scores.append(.share("exact_match", exact, of: items)) }
    return scores + sum.scores
  }
}

extension BinaryDecisions.Counts {
  /// `TP ÷ (TP + FP)`, `TP ÷ (TP + FN)`, and twice TP over the sum of both; 0 where nothing was said
  /// or nothing is true.
  var scores: [Score] {
    [
      .share("precision", truePositives, of: truePositives + falsePositives),
      .share("recall", truePositives, of: truePositives + falseNegatives),
      .share("f1", 2 * truePositives, of: 2 * truePositives + falsePositives + falseNegatives),
    ]
  }
}
