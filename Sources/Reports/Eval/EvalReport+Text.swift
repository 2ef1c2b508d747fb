import JSON

extension EvalReport: Report {
  public func text(width: Int?, color: Bool) -> String {
    var facts = Facts(heading: "\(file) on \(data.file)")
    facts.add("samples", "\(grouped(data.samples)) (\(data.part))")
    for output in outputs {
      let name = outputs.count == 1 ? "" : " of \(output.name)"
      facts.add("task\(name)", output.task)
      for (metric, value) in output.metrics.members {
        let words = metric == "loss" ? output.lossName.map { " (\($0))" } ?? "" : ""
        facts.add("\(metric)\(name)", metricText(metric, value) + words)
      }
    }
    if outputs.count > 1, let loss { facts.add("loss", metricText("loss", .optional(loss))) }
    facts.add("speed", "\(speed) samples/s")
    var text = facts.text(width: width, color: color)
    for output in outputs {
      if !output.classes.isEmpty {
        text += "\n" + output.classTable.text(width: width, color: color)
      }
      if !output.confusion.isEmpty {
        text += "\n" + output.confusionTable.text(width: width, color: color)
      }
    }
    return text + notesText(notes, width: width, color: color)
  }

  public var line: String {
    let found = metrics.members.map { "\($0) \(metricText($0, $1))" }.joined(separator: ", ")
    return
      "\(visible(file)): \(found.isEmpty ? "\(counted(data.samples, "sample")) predicted" : found), \(speed) samples/s"
  }

  private var speed: String {
    samplesPerSecond >= 100
      ? grouped(Int(min(samplesPerSecond, 1e15))) : significant(samplesPerSecond)
  }
}

/// A metric as people read it: shares in percent, counts grouped, the rest to six digits.
public func metricText(_ name: String, _ value: JSON.Value) -> String {
  if let count = value.integerValue { return grouped(count) }
  guard let number = value.doubleValue else { return value.isNull ? "–" : value.text() }
  let isShare =
    ["accuracy", "precision", "recall", "f1", "exact_match"].contains { name.hasSuffix($0) }
    || name.split(separator: "_").last?.hasPrefix("top") == true
  return isShare ? percent(number) : significant(number, digits: 6)
}

/// How a metric changed: shares in points, the rest as it is.
func changeText(_ name: String, from before: JSON.Value, to after: JSON.Value) -> String {
  if let a = before.integerValue, let b = after.integerValue {
    return b > a ? "+\(grouped(b - a))" : grouped(b - a)
  }
  guard let a = before.doubleValue, let b = after.doubleValue else { return "–" }
  let isShare = metricText(name, after).hasSuffix("%")
  let change = isShare ? fixed((b - a) * 100, places: 2) : significant(b - a)
  return (b > a && !change.hasPrefix("+") ? "+" : "") + change + (isShare ? " points" : "")
}

extension EvalReport.Output {
  fileprivate var classTable: Table {
    var table = Table(columns: [
      .name("class"), .number("samples", rank: 2), .number("predicted", rank: 3),
      .number("right", rank: 2), .number("precision"), .number("recall"), .number("F1"),
    ])
    for one in classes {
      table.add([
        Table.Cell(one.name), Table.Cell(grouped(one.total)), Table.Cell(grouped(one.predicted)),
        Table.Cell(grouped(one.correct)), Table.Cell(percent(one.precision)),
        Table.Cell(percent(one.recall)), Table.Cell(percent(one.f1)),
      ])
    }
    return table
  }

  /// Rows are the true classes, columns what they were taken for.
  fileprivate var confusionTable: Table {
    let names = confusion.indices.map { classes.indices.contains($0) ? classes[$0].name : "\($0)" }
    var table = Table(
      columns: [.name("is \\ taken for")] + names.map { Table.Column.number($0) })
    for (place, row) in confusion.enumerated() {
      table.add(
        [Table.Cell(names[place])]
          + row.enumerated().map { column, count in
            Table.Cell(count == 0 ? "·" : grouped(count), column == place ? .good : nil)
          })
    }
    return table
  }
}
