/// How often which class is taken for which.
public struct ClassCounts: Sendable, Equatable {
  /// Of one class, as `--per-class` lists it.
  public struct Class: Sendable, Equatable {
    /// Items that are of it, that were taken for it, and that are both.
    public var total = 0
    public var predicted = 0
    public var correct = 0
  }

  public private(set) var classes: [Class]
  /// `matrix[true class × classes + predicted class]`; empty where it was not asked for.
  public private(set) var matrix: [Int]

  /// `wantsMatrix` costs classes² numbers.
  init(classes: Int, wantsMatrix: Bool) {
    self.classes = [Class](repeating: Class(), count: classes)
    matrix = wantsMatrix ? [Int](repeating: 0, count: classes * classes) : []
  }

  /// Counts of the labels of a multi-label output, whose items may have several or none.
  init(_ decisions: BinaryDecisions) {
    matrix = []
    classes = decisions.labels.map {
      Class(
        total: $0.truePositives + $0.falseNegatives,
        predicted: $0.truePositives + $0.falsePositives, correct: $0.truePositives)
    }
  }

  /// The two classes of a yes-or-no output.
  init(bothOf decisions: BinaryDecisions) {
    let yes = decisions.labels[0]
    let trueNegatives =
      decisions.items - yes.truePositives - yes.falsePositives - yes.falseNegatives
    classes = [
      Class(
        total: trueNegatives + yes.falsePositives, predicted: trueNegatives + yes.falseNegatives,
        correct: trueNegatives),
      Class(
        total: yes.truePositives + yes.falseNegatives,
        predicted: yes.truePositives + yes.falsePositives, correct: yes.truePositives),
    ]
    matrix = [trueNegatives, yes.falsePositives, yes.falseNegatives, yes.truePositives]
  }

  /// Precision, recall and F1 of one class against all others.
  func scores(of place: Int) -> [Score] {
    let counts = classes[place]
    return BinaryDecisions.Counts(
      truePositives: counts.correct, falsePositives: counts.predicted - counts.correct,
      falseNegatives: counts.total - counts.correct
    ).scores
  }

  /// Of items with a NaN nothing was predicted: they are in `total` alone.
  mutating func add(_ items: Items) {
    for item in 0..<items.count {
      let own = items.targetClass(item)
      classes[own].total += 1
      guard let predicted = items.largestOutput(item) else { continue }
      classes[predicted].predicted += 1
      if predicted == own { classes[own].correct += 1 }
      if !matrix.isEmpty { matrix[own * classes.count + predicted] += 1 }
    }
  }
}
