import JSON

/// What the runs of a sweep say together.
public struct SweepTable: Sendable, Equatable {
  /// The runs of one criterion and schedule at one ratio, over the seeds.
  public struct Row: Sendable, Equatable {
    public var criterion: String
    /// Nil for the control without training.
    public var schedule: String?
    public var ratio: Double
    /// The variant that validation picked; empty where there is one only.
    public var variant: String
    /// Of the metric on the test part.
    public var result: Summary
    /// Before any training, where it was measured.
    public var untrained: Summary?
    public var steps: Int
    public var epochs: Summary
    public var seconds: Summary
    public var bytes: Summary?
    /// The same for all runs at the ratio, or a note says so.
    public var zeros: Int
    /// Test metric by seed.
    public var bySeed: [Int: Double]
    /// One run a seed.
    public var runs: [SweepPoint]
  }

  /// Two schedules at one ratio.
  public struct Comparison: Sendable, Equatable {
    public var criterion: String
    public var first: String
    public var second: String
    public var ratio: Double
    public var paired: PairedDifference
  }

  /// Where two schedules change places; none where they do not within the measured ratios.
  public struct Change: Sendable, Equatable {
    public var criterion: String
    public var first: String
    public var second: String
    public var crossovers: [Crossover]
  }

  /// A run without what another run of the same may have otherwise: times, threads, its command.
  private static func figures(of point: SweepPoint) -> SweepPoint {
    func lasting(_ value: JSON.Value) -> JSON.Value {
      if let members = value.objectValue?.members {
        let kept = members.filter { !["seconds", "threads", "command"].contains($0.0) }
        return .object(JSON.Object(kept.map { ($0.0, lasting($0.1)) }))
      }
      return value.arrayValue.map { .array($0.map(lasting)) } ?? value
    }
    var figures = point
    figures.seconds = 0
    figures.report = point.report.map(lasting)
    return figures
  }

  public let plan: SweepPlan
  /// The test metric of the model as it came.
  public let dense: Double?
  public let rows: [Row]
  public let comparisons: [Comparison]
  public let changes: [Change]
  /// Runs of the plan that no file has.
  public let missing: [SweepCoordinates]
  public let notes: [String]

  public var monitor: Monitor { Monitor(plan.metric) }

  /// Merges the points of all shards. A run that comes twice with the same figures counts once (how
  /// long it took aside). Throws `StudyError.otherStudy` and `.pointsDiffer`.
  public init(_ plan: SweepPlan, _ points: [SweepPoint]) throws(StudyError) {
    var known: [SweepCoordinates: SweepPoint] = [:]
    for point in points {
      guard point.study == plan.study else { throw .otherStudy(id: point.coordinates.id) }
      if let other = known[point.coordinates] {
        guard Self.figures(of: other) == Self.figures(of: point) else {
          throw .pointsDiffer(id: point.coordinates.id)
        }
      }
      known[point.coordinates] = known[point.coordinates] ?? point
    }
    self.plan = plan
    let all = plan.coordinates
    missing = all.filter { known[$0] == nil }
    let monitor = Monitor(plan.metric)
    dense = all.first { $0.kind == .dense }.flatMap { known[$0]?.test[plan.metric] }

    var rows: [Row] = []
    for ratio in plan.ratios {
      for criterion in plan.criteria {
        var here = all.filter {
          $0.kind != .dense && $0.ratio == ratio && $0.criterion == criterion
        }.compactMap { known[$0] }
        let control = here.filter { $0.coordinates.kind == .untrained }
        // What a run would be without its training is the control of its seed.
        for place in here.indices where here[place].coordinates.kind == .pruned {
          let seed = here[place].coordinates.seed
          here[place].untrained = control.first { $0.coordinates.seed == seed }?.test
        }
        if let row = Row(control, schedule: nil, metric: plan.metric) { rows.append(row) }
        for schedule in plan.schedules {
          let variants = plan.variants.map { variant in
            here.filter {
              $0.coordinates.schedule == schedule && $0.coordinates.variant == variant
            }
          }.filter { !$0.isEmpty }
          let picked = SweepTable.best(of: variants, monitor)
          if let row = Row(picked, schedule: schedule, metric: plan.metric) { rows.append(row) }
        }
      }
    }
    self.rows = rows
    (comparisons, changes) = SweepTable.compared(rows, plan, monitor)
    notes = SweepTable.notes(rows, missing: missing.count, of: all.count)
  }

  /// The variant with the best mean on validation rows; where those were not measured, the first.
  private static func best(of variants: [[SweepPoint]], _ monitor: Monitor) -> [SweepPoint] {
    var best: (runs: [SweepPoint], mean: Double)?
    for runs in variants {
      let mean =
        Summary(runs.map { $0.validation?[monitor.metric] ?? .nan })?.mean ?? .nan
      if best == nil || monitor.improves(mean, on: best?.mean ?? .nan) { best = (runs, mean) }
    }
    return best?.runs ?? []
  }

  private static func compared(_ rows: [Row], _ plan: SweepPlan, _ monitor: Monitor)
    -> ([Comparison], [Change])
  {
    var comparisons: [Comparison] = []
    var changes: [Change] = []
    for criterion in plan.criteria {
      for (place, first) in plan.schedules.enumerated() {
        for second in plan.schedules[(place + 1)...] {
          var line: [(ratio: Double, difference: Summary)] = []
          for ratio in plan.ratios {
            func row(_ schedule: String) -> Row? {
              rows.first {
                $0.criterion == criterion && $0.ratio == ratio && $0.schedule == schedule
              }
            }
            guard let a = row(first), let b = row(second) else { continue }
            let pairs = a.bySeed.sorted { $0.key < $1.key }.compactMap { seed, value in
              b.bySeed[seed].map { (first: value, second: $0) }
            }
            guard let paired = PairedDifference(pairs, better: monitor.direction) else { continue }
            comparisons.append(
              Comparison(
                criterion: criterion, first: first, second: second, ratio: ratio, paired: paired))
            line.append((ratio, paired.difference))
          }
          changes.append(
            Change(
              criterion: criterion, first: first, second: second,
              crossovers: Crossover.all(in: line)))
        }
      }
    }
    return (comparisons, changes)
  }

  private static func notes(_ rows: [Row], missing: Int, of all: Int) -> [String] {
    var notes: [String] = []
    if missing > 0 {
      notes.append("\(missing) of \(all) runs are missing: figures are of the rest.")
    }
    for row in rows where row.runs.contains(where: { $0.zeros != row.zeros }) {
      notes.append(
        "At \(row.ratio), runs of \(row.schedule ?? "the control") differ in their zeros.")
    }
    let byRatio = Dictionary(grouping: rows, by: \.ratio)
    for (ratio, rows) in byRatio.sorted(by: { $0.key < $1.key })
    where Set(rows.map(\.zeros)).count > 1 {
      notes.append("At \(ratio), schedules differ in their zeros: the comparison is not fair.")
    }
    return notes
  }
}

extension SweepTable.Row {
  /// Nil of no run.
  init?(_ runs: [SweepPoint], schedule: String?, metric: String) {
    guard let one = runs.first, let result = Summary(runs.map { $0.test[metric] ?? .nan }),
      let epochs = Summary(runs.map { Double($0.epochs) }),
      let seconds = Summary(runs.map(\.seconds))
    else { return nil }
    self.init(
      criterion: one.coordinates.criterion, schedule: schedule, ratio: one.coordinates.ratio,
      variant: one.coordinates.variant, result: result,
      untrained: Summary(runs.compactMap { $0.untrained?[metric] }), steps: one.steps,
      epochs: epochs, seconds: seconds,
      bytes: Summary(runs.compactMap { $0.bytes.map(Double.init) }),
      zeros: one.zeros,
      bySeed: Dictionary(
        runs.map { ($0.coordinates.seed, $0.test[metric] ?? .nan) },
        uniquingKeysWith: { first, _ in first }), runs: runs)
  }
}
