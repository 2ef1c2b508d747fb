/// What is measured of one output of a model, batch after batch.
struct OutputEvaluation {
  let name: String
  let width: Int
  /// Items a sample.
  let positions: Int
  let loss: (any Loss)?
  let lossName: String?
  let weight: Double
  private let candidates: [OutputTask]
  private var facts = TargetFacts()
  private var metrics: [OutputTask: [any Metric]] = [:]
  private var counts: ClassCounts?
  private var decisions: BinaryDecisions?
  private var lossSum = 0.0
  private var items = 0
  /// Items with a NaN or infinity among their outputs.
  private var nonfinite = 0
  private var lossValues: [Double] = []
  private var room = KeptItems()

  init(
    name: String, shape: [Int], loss: (any Loss)?, lossName: String?, weight: Double,
    candidates: [OutputTask], topK: Int?, wantsClasses: Bool, wantsConfusion: Bool
  ) {
    self.name = name
    width = shape.last ?? 1
    positions = shape.dropLast().reduce(1, *)
    self.loss = loss
    self.lossName = lossName
    self.weight = weight
    self.candidates = candidates
    let threshold: Float = (loss?.fromLogits ?? false) || (loss?.isMargin ?? false) ? 0 : 0.5
    for task in candidates {
      switch task {
      case .classification:
        var list: [any Metric] = [CategoricalAccuracy()]
        if width > 1, let k = topK ?? (width >= 10 ? 5 : nil) {
          list.append(TopKAccuracy(k: min(k, width)))
        }
        if width == 2 { list.append(RankingArea()) }
        metrics[task] = list
        if wantsClasses || wantsConfusion || width == 2 {
          counts = ClassCounts(classes: width, wantsMatrix: wantsConfusion || width == 2)
        }
      case .binary:
        decisions = BinaryDecisions(width: width, threshold: threshold)
        metrics[task] = width == 1 ? [RankingArea()] : []
      case .multiLabel:
        decisions = BinaryDecisions(width: width, threshold: threshold)
        metrics[task] = []
      case .regression: metrics[task] = [RegressionErrors(width: width)]
      }
    }
  }

  /// Whether the task is settled before any target is seen, and is one of several classes.
  var isClassification: Bool { candidates == [.classification] }

  /// Counts `rows` samples: `[rows][positions][width]` outputs, a mask of `[rows][positions]`, weights of
  /// `[rows]`.
  mutating func add(
    _ results: UnsafePointer<Float>, targets: Evaluation.Targets, mask: UnsafePointer<Float>?,
    weights: UnsafePointer<Float>? = nil, rows: Int
  ) {
    let items = Items(
      outputs: results, targets: .init(targets), count: rows * positions, width: width)
    if case .classes(let numbers) = items.targets {
      precondition(
        (0..<items.count).allSatisfy { 0 <= numbers[$0] && Int(numbers[$0]) < width },
        "class numbers are below the width of the output")
    }
    var kept = room
    room = KeptItems()
    kept.withItems(
      of: items, mask: mask, ignored: loss?.ignoredClass,
      weights: weights.map { ($0, itemsARow: positions) }
    ) { add($0, weights: $1) }
    room = kept
  }

  private mutating func add(_ items: Items, weights: UnsafePointer<Float>?) {
    guard items.count > 0 else { return }
    facts.add(items)
    self.items += items.count
    nonfinite += (0..<items.count).count { item in
      let outputs = items.outputs + item * width
      return (0..<width).contains { !outputs[$0].isFinite }
    }
    if let loss {
      if lossValues.count < items.count {
        lossValues = [Double](repeating: 0, count: items.count)
      }
      lossValues.withUnsafeMutableBufferPointer { values in
        if let base = values.baseAddress { loss.values(of: items, into: base) }
      }
      for item in 0..<items.count {
        let weight = weights.map { $0[item] } ?? 1
        // Of an item that weighs nothing, nothing is looked at.
        if weight != 0 { lossSum += Double(weight) * lossValues[item] }
      }
    }
    for task in metrics.keys {
      guard var list = metrics.removeValue(forKey: task) else { continue }
      for i in list.indices { list[i].add(items) }
      metrics[task] = list
    }
    counts?.add(items)
    decisions?.add(items)
  }

  var result: Evaluation.Output {
    let task = candidates.dropLast().first { $0.fits(facts) } ?? candidates.last ?? .regression
    var scores = (metrics[task] ?? []).flatMap(\.scores)
    var classes: ClassCounts?
    switch task {
    case .classification:
      classes = counts
      if let counts, width == 2 { scores.insert(contentsOf: counts.scores(of: 1), at: 3) }
    case .binary, .multiLabel:
      if let decisions {
        scores = decisions.scores + scores
        classes = width == 1 ? ClassCounts(bothOf: decisions) : ClassCounts(decisions)
      }
    case .regression: break
    }
    return Evaluation.Output(
      name: name, task: task, loss: loss == nil || items == 0 ? nil : lossSum / Double(items),
      lossName: lossName, weight: weight, scores: scores, classes: classes, items: items,
      nonfinite: nonfinite)
  }
}

extension Items.Targets {
  fileprivate init(_ targets: Evaluation.Targets) {
    self =
      switch targets {
      case .classes(let numbers): .classes(numbers)
      case .values(let values): .values(values)
      }
  }
}
