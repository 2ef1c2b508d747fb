import Testing

@testable import Network

/// Expected numbers: Keras 3.15.1's metrics of the same name on the same values, but for the area
/// under the curve, which is the mean over all pairs of a positive and a negative item.
struct MetricTests {
  private func measured(
    _ metric: some Metric, _ outputs: [Float], _ targets: [Float], width: Int
  ) -> [Score] {
    var metric = metric
    outputs.withUnsafeBufferPointer { outputs in
      targets.withUnsafeBufferPointer { targets in
        // In two batches, the first of one item.
        for range in [0..<1, 1..<outputs.count / width] {
          metric.add(
            Items(
              outputs: outputs.baseAddress! + range.lowerBound * width,
              targets: .values(targets.baseAddress! + range.lowerBound * width),
              count: range.count, width: width))
        }
      }
    }
    return metric.scores
  }

  private func measured(
    _ metric: some Metric, _ outputs: [Float], classes: [Int32], width: Int
  ) -> [Score] {
    var metric = metric
    outputs.withUnsafeBufferPointer { outputs in
      classes.withUnsafeBufferPointer { classes in
        metric.add(
          Items(
            outputs: outputs.baseAddress!, targets: .classes(classes.baseAddress!),
            count: classes.count, width: width))
      }
    }
    return metric.scores
  }

  private func expect(
    _ scores: [Score], _ expected: [(String, Double)],
    at location: SourceLocation = #_sourceLocation
  ) {
    #expect(scores.map(\.name) == expected.map(\.0), sourceLocation: location)
    for (score, (name, wanted)) in zip(scores, expected) {
      let value =
        switch score.value {
        case .count(let count): Double(count)
        case .number(let number): number
        }
      #expect(abs(value - wanted) < 1e-6, "\(name) is \(value)", sourceLocation: location)
    }
  }

  static let three: [Float] = [
    0.6, 0.3, 0.1, 0.2, 0.2, 0.6, 0.1, 0.1, 0.8, 0.4, 0.3, 0.3, 0.1, 0.7, 0.2, 0.3, 0.4, 0.3,
  ]
  static let classes: [Int32] = [0, 1, 2, 2, 1, 0]

  @Test func accuracyIsOfTheLargestOutput() {
    expect(
      measured(CategoricalAccuracy(), Self.three, classes: Self.classes, width: 3),
      [("accuracy", 0.5), ("correct", 3), ("total", 6)])
    // The first of equal outputs is taken; NaN is wrong.
    expect(
      measured(CategoricalAccuracy(), [0.5, 0.5, .nan, 0.9], classes: [1, 1], width: 2),
      [("accuracy", 0), ("correct", 0), ("total", 2)])
  }

  @Test func topKCountsTiesAcrossTheBorder() {
    expect(measured(TopKAccuracy(k: 2), Self.three, classes: Self.classes, width: 3), [("top2", 1)])
    expect(
      measured(TopKAccuracy(k: 1), [0.2, 0.4, 0.4, 0.2, 0.5, 0.3], classes: [2, 0], width: 3),
      [("top1", 0.5)])
  }

  @Test func decisionsAreTakenAboveTheThreshold() {
    let outputs: [Float] = [0.1, 0.4, 0.4, 0.8, 0.9, 0.5, 0.3, 0.1]
    let targets: [Float] = [0, 0, 1, 1, 1, 0, 1, 0]
    expect(
      measured(BinaryDecisions(width: 1, threshold: 0.5), outputs, targets, width: 1),
      [
        ("accuracy", 0.75), ("correct", 6), ("total", 8), ("precision", 1), ("recall", 0.5),
        ("f1", 2.0 / 3),
      ])
    expect(measured(RankingArea(), outputs, targets, width: 1), [("auc", 0.78125)])
    // NaN is wrong whatever is true.
    expect(
      measured(BinaryDecisions(width: 1, threshold: 0.5), [.nan, .nan], [0, 1], width: 1),
      [("accuracy", 0), ("correct", 0), ("total", 2), ("precision", 0), ("recall", 0), ("f1", 0)])
    // Margins, and labels of -1 and 1.
    expect(
      measured(BinaryDecisions(width: 1, threshold: 0), [0.2, -0.3, 0.4], [1, -1, -1], width: 1),
      [
        ("accuracy", 2.0 / 3), ("correct", 2), ("total", 3), ("precision", 0.5), ("recall", 1),
        ("f1", 2.0 / 3),
      ])
  }

  @Test func labelsOfManyAreDecidedEach() {
    expect(
      measured(
        BinaryDecisions(width: 3, threshold: 0.5), [0.9, 0.2, 0.4, 0.1, 0.3, 0.2, 0.8, 0.9, 0.6],
        [1, 0, 1, 0, 0, 0, 1, 1, 0], width: 3),
      [
        ("accuracy", 7.0 / 9), ("correct", 7), ("total", 9), ("exact_match", 1.0 / 3),
        ("precision", 0.75), ("recall", 0.75), ("f1", 0.75),
      ])
  }

  @Test func areaNeedsBothKinds() {
    #expect(measured(RankingArea(), [0.1, 0.2], [1, 1], width: 1).isEmpty)
    #expect(measured(RankingArea(), [.nan, 0.2], [0, 1], width: 1).isEmpty)
    expect(measured(RankingArea(), [0.5, 0.5, 0.5], [0, 1, 0], width: 1), [("auc", 0.5)])
    // Of two classes by how much the second is ahead.
    expect(
      measured(RankingArea(), [0.9, 0.1, 0.2, 0.8], classes: [0, 1], width: 2), [("auc", 1)])
  }

  @Test func regressionIsMeasuredAtEveryPlace() {
    expect(
      measured(
        RegressionErrors(width: 2), [1, 2, -1, 0.5, 2.5, 0], [1.5, 2, -1, -2.5, 3, 0.25], width: 2),
      [
        ("mae", 0.7083333333), ("mse", 1.59375), ("rmse", 1.2624380588), ("r2", 0.5291043543),
        ("total", 3),
      ])
    // Large targets that are close together keep their digits: 1 - 0.5 / 2.
    expect(
      measured(
        RegressionErrors(width: 1), [4_194_303.5, 4_194_304, 4_194_304.5],
        [4_194_303, 4_194_304, 4_194_305].map { Float($0) }, width: 1),
      [
        ("mae", 1.0 / 3), ("mse", 1.0 / 6), ("rmse", (1.0 / 6).squareRoot()), ("r2", 0.75),
        ("total", 3),
      ])
    // No variance, nothing to explain.
    expect(
      measured(RegressionErrors(width: 1), [1, 2], [1, 1], width: 1),
      [("mae", 0.5), ("mse", 0.5), ("rmse", 0.5.squareRoot()), ("total", 2)])
  }

  @Test func classesAreCounted() {
    var counts = ClassCounts(classes: 3, wantsMatrix: true)
    Self.three.withUnsafeBufferPointer { outputs in
      Self.classes.withUnsafeBufferPointer { classes in
        counts.add(
          Items(
            outputs: outputs.baseAddress!, targets: .classes(classes.baseAddress!), count: 6,
            width: 3))
      }
    }
    #expect(counts.matrix == [1, 1, 0, 0, 1, 1, 1, 0, 1])
    #expect(counts.classes.map(\.total) == [2, 2, 2])
    #expect(counts.classes.map(\.predicted) == [2, 2, 2])
    #expect(counts.classes.map(\.correct) == [1, 1, 1])
    expect(counts.scores(of: 1), [("precision", 0.5), ("recall", 0.5), ("f1", 0.5)])
  }
}
