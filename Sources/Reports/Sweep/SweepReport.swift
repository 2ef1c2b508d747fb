import JSON
import Studies

/// What a sweep found: schema `coppice.sweep/1`.
public struct SweepReport: Sendable, Equatable {
  public var table: SweepTable
  /// The model, as headings name it.
  public var title: String

  public init(_ table: SweepTable, title: String) {
    self.table = table
    self.title = title
  }

  var metric: String { table.plan.metric }

  /// A value of the metric in words.
  func words(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "–" }
    return metricText(metric, .double(value))
  }

  /// A difference or a spread of the metric in words: shares in points.
  func spread(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "–" }
    let isShare = words(0.5).hasSuffix("%")
    return isShare ? fixed(value * 100, places: 2) : significant(value, digits: 3)
  }
}

extension SweepReport: Report {
  public var json: JSON.Value { table.json }

  /// One record a run.
  public var csv: CSV {
    var csv = CSV(columns: [
      "ratio", "criterion", "schedule", "variant", "steps", "seed", "epochs", "zeros", "of",
      "metric", "untrained", "validation", "test", "bytes", "seconds", "scoring_passes",
    ])
    for row in table.rows {
      for run in row.runs {
        csv.add([
          .number(row.ratio), .text(row.criterion), .text(row.schedule ?? "untrained"),
          .text(row.variant), .integer(run.steps), .integer(run.coordinates.seed),
          .integer(run.epochs), .integer(run.zeros), .integer(run.of), .text(metric),
          .optional(run.untrained?[metric]), .optional(run.validation?[metric]),
          .optional(run.test[metric]), .optional(run.bytes), .number(run.seconds),
          .integer(run.scoringPasses),
        ])
      }
    }
    return csv
  }

  public func text(width: Int?, color: Bool) -> String {
    var facts = Facts(heading: title)
    facts.add("dense", "\(metric) \(words(table.dense))")
    facts.add("compared", fairness)
    facts.add("seeds", "\(table.plan.seeds); ± is the 95 % interval of the mean")
    var text = facts.text(width: width, color: color)
    text += "\n" + rowTable.text(width: width, color: color)
    if !table.comparisons.isEmpty {
      text += "\n" + comparisonTable.text(width: width, color: color)
      text +=
        "\n"
        + table.changes.map { wrapped(crossoverWords($0), to: width ?? .max) }
        .flatMap { $0 }.map { $0 + "\n" }.joined()
    }
    return text + notesText(table.notes, width: width, color: color)
  }

  public var line: String {
    let runs = table.rows.reduce(0) { $0 + $1.runs.count }
    return "\(visible(title)): \(counted(runs, "run")), \(table.missing.count) missing"
  }

  private var fairness: String {
    switch table.plan.fairness {
    case .equalBudget(let epochs): "at an equal budget of \(counted(epochs, "epoch")) in all"
    case .bestOfGrid:
      "the best of \(counted(table.plan.variants.count, "variant")) each, picked on validation rows"
    }
  }

  private var rowTable: Table {
    let hasCriteria = table.plan.criteria.count > 1
    let hasVariants = table.plan.variants.count > 1
    var columns: [Table.Column] = [.number("ratio")]
    if hasCriteria { columns.append(.name("criterion")) }
    columns.append(.name("schedule"))
    if hasVariants { columns.append(.name("variant", rank: 3)) }
    columns += [
      .number("steps", rank: 4), .number("epochs", rank: 3), .number("n", rank: 2),
      .number(metric), .number("±"), .number("sd", rank: 5), .number("change", rank: 1),
      .number("untrained", rank: 4), .number("stored", rank: 5), .number("time", rank: 6),
    ]
    var found = Table(columns: columns)
    for row in table.rows {
      var cells = [Table.Cell(percent(row.ratio))]
      if hasCriteria { cells.append(Table.Cell(row.criterion)) }
      cells.append(Table.Cell(row.schedule ?? "untrained", row.schedule == nil ? .dim : nil))
      if hasVariants { cells.append(Table.Cell(row.variant)) }
      let change = table.dense.map { row.result.mean - $0 }
      cells += [
        Table.Cell(grouped(row.steps)), Table.Cell(significant(row.epochs.mean)),
        Table.Cell("\(row.result.count)"), Table.Cell(words(row.result.mean)),
        Table.Cell(spread(row.result.halfWidth())), Table.Cell(spread(row.result.deviation)),
        Table.Cell(spread(change)), Table.Cell(words(row.untrained?.mean)),
        Table.Cell(row.bytes.map { byteSize(Int($0.mean.rounded())) } ?? "–"),
        Table.Cell(duration(row.seconds.mean)),
      ]
      found.add(cells)
    }
    return found
  }

  private var comparisonTable: Table {
    let hasCriteria = table.plan.criteria.count > 1
    var columns: [Table.Column] = [.number("ratio")]
    if hasCriteria { columns.append(.name("criterion")) }
    columns += [
      .name("first"), .name("second"), .number("difference"), .number("± 95 %"), .word("better"),
    ]
    var found = Table(columns: columns)
    for one in table.comparisons {
      var cells = [Table.Cell(percent(one.ratio))]
      if hasCriteria { cells.append(Table.Cell(one.criterion)) }
      let better =
        switch one.paired.verdict {
        case .first: one.first
        case .second: one.second
        case .tie: "tie"
        case .unknown: "one seed"
        }
      cells += [
        Table.Cell(one.first), Table.Cell(one.second),
        Table.Cell(spread(one.paired.difference.mean)),
        Table.Cell(spread(one.paired.difference.halfWidth())), Table.Cell(better),
      ]
      found.add(cells)
    }
    return found
  }

  /// Where two schedules change places, in a sentence.
  func crossoverWords(_ change: SweepTable.Change) -> String {
    let pair = "\(change.first) and \(change.second)"
    let criterion = table.plan.criteria.count > 1 ? " by \(change.criterion)" : ""
    guard !change.crossovers.isEmpty else { return "\(pair)\(criterion): no crossover in range" }
    let places = change.crossovers.map { one in
      let low = (one.isOpenBelow ? "below " : "") + percent(one.interval.lowerBound, places: 1)
      let high = (one.isOpenAbove ? "above " : "") + percent(one.interval.upperBound, places: 1)
      return "\(percent(one.ratio, places: 1)) (\(low) to \(high))"
    }
    return "\(pair)\(criterion): change places at \(places.joined(separator: " and "))"
  }
}
