import JSON

extension PruneReport: Report {
  public func text(width: Int?, color: Bool) -> String {
    var text = facts.text(width: width, color: color)
    if let metricsTable { text += "\n" + metricsTable.text(width: width, color: color) }
    if let stepTable { text += "\n" + stepTable.text(width: width, color: color) }
    text += "\n" + table.text(width: width, color: color)
    if let values { text += "\n" + values.text(width: width, color: color) }
    if isVerbose, !leftAlone.isEmpty {
      text += "\n" + leftAloneTable.text(width: width, color: color)
    }
    let outputName =
      if let output { "output (\(output.container))" } else { "output, predicted" }
    text += "\n" + sizes.text(outputName: outputName, width: width, color: color)
    return text + notesText(notes, width: width, color: color)
  }

  public var line: String {
    var line = "\(visible(input.file)): "
    line += "sparsity \(percent(sparsity.achieved)), \(grouped(sparsity.kept)) weights kept"
    line += ", \(byteSize(sizes.input))"
    if let size = sizes.output {
      let isSmaller = sizes.ratio ?? 1 >= 1
      let change =
        isSmaller
        ? "\(factor(sizes.ratio)) smaller" : "\(factor(sizes.ratio.map { 1 / $0 })) larger"
      line += " → \(byteSize(size)) (\(change))"
    }
    if let before = metrics?.dense?["accuracy"], let after = metrics?.pruned?["accuracy"] {
      line += ", accuracy \(metricText("accuracy", before)) → \(metricText("accuracy", after))"
    }
    if let output { line += ", \(visible(output.file))" } else { line += ", nothing written" }
    return line
  }

  private var facts: Facts {
    var facts = Facts(
      heading: input.file + (output.map { " → \($0.file)" } ?? " (nothing written)"))
    let target = sparsity.target.map { ", asked for \(percent($0))" } ?? ""
    facts.add("sparsity", percent(sparsity.achieved) + target)
    facts.add(
      "zeros",
      "\(grouped(sparsity.pruned)) of \(grouped(sparsity.of)) prunable weights, "
        + "\(grouped(sparsity.before)) before")
    facts.add("kept", grouped(sparsity.kept))
    if !leftAlone.isEmpty {
      facts.add("left alone", counted(leftAlone.count, "tensor"))
    }
    if let calibration { facts.add("calibration", calibration.words) }
    facts.add("time", duration(seconds))
    return facts
  }

  /// What the data say of the model before and after, a row a figure.
  private var metricsTable: Table? {
    guard let metrics, let dense = metrics.dense else { return nil }
    var table = Table(columns: [
      .name("on the data"), .number(trainsOnly ? "before" : "dense"),
      .number(trainsOnly ? "trained" : "pruned"), .number("change"),
      .number("read back", rank: 1),
    ])
    for (name, before) in dense.members where name != "total" {
      let after = metrics.pruned?[name]
      table.add([
        Table.Cell(name), Table.Cell(metricText(name, before)),
        Table.Cell(after.map { metricText(name, $0) } ?? "–"),
        Table.Cell(after.map { changeText(name, from: before, to: $0) } ?? "–"),
        Table.Cell(metrics.readBack?[name].map { metricText(name, $0) } ?? "–"),
      ])
    }
    return table
  }

  /// The steps, where there are several or training was planned: as they went, or as they would go.
  private var stepTable: Table? {
    let longest = plan.map(\.epochsMax)
    guard !steps.isEmpty, steps.count > 1 || longest.contains(where: { $0 > 0 }) else { return nil }
    let trains = longest.contains { $0 > 0 }
    let names = steps.compactMap(\.after).first?.keys ?? []
    let metric = names.contains("accuracy") ? "accuracy" : names.first { $0 != "total" }
    var columns: [Table.Column] = [.number("step"), .number("to"), .number("zeros")]
    if trains { columns += [.number("epochs"), .number("at most", rank: 2)] }
    if let metric { columns += [.number("\(metric), pruned", rank: 1), .number("trained")] }
    var table = Table(columns: columns)
    for (index, step) in steps.enumerated() {
      let zeros = step.achieved.map { Int(($0 * Double(sparsity.of)).rounded()) }
      var cells: [Table.Cell] = [
        Table.Cell(grouped(step.step)), Table.Cell(percent(step.target ?? step.achieved)),
        Table.Cell(zeros.map(grouped) ?? "–"),
      ]
      if trains {
        let most = index < longest.count ? grouped(longest[index]) : "–"
        cells += [Table.Cell(output == nil ? "–" : grouped(step.epochs)), Table.Cell(most)]
      }
      if let metric {
        cells += [step.before, step.after].map {
          Table.Cell($0?[metric].map { metricText(metric, $0) } ?? "–")
        }
      }
      table.add(cells)
    }
    return table
  }

  private var table: Table {
    let isPacked = tensors.contains { $0.encoding != nil }
    let hadZeros = sparsity.before > 0
    let hasBytes = tensors.contains { $0.bytes != nil }
    var columns: [Table.Column] = [
      .name("tensor"), .word("shape", rank: 4), .number("weights", rank: 2),
      .number("kept", rank: 1),
    ]
    if hadZeros { columns.append(.number("before", rank: 5)) }
    columns += [.number("sparsity"), .word("", rank: 6)]
    if isPacked { columns.append(.word("encoding", rank: 3)) }
    if hasBytes { columns.append(.number("stored", rank: 2)) }
    var table = Table(columns: columns)
    for tensor in tensors {
      var cells: [Table.Cell] = [
        Table.Cell(tensor.name), Table.Cell(shapeText(tensor.shape)),
        Table.Cell(grouped(tensor.count)), Table.Cell(grouped(tensor.kept)),
      ]
      if hadZeros { cells.append(Table.Cell(percent(tensor.sparsityBefore))) }
      cells += [
        // A tensor without a single weight left cuts the network in two.
        Table.Cell(percent(tensor.sparsity), tensor.kept == 0 && tensor.count > 0 ? .bad : nil),
        Table.Cell(bar(tensor.sparsity ?? 0, width: 10), .accent),
      ]
      if isPacked { cells.append(Table.Cell(tensor.encoding ?? "–")) }
      if hasBytes { cells.append(Table.Cell(tensor.bytes.map(byteSize) ?? "–")) }
      table.add(cells)
    }
    var totals: [Table.Cell] = [
      "all", "", Table.Cell(grouped(sparsity.of)), Table.Cell(grouped(sparsity.kept)),
    ]
    if hadZeros { totals.append(Table.Cell(percent(share(sparsity.before, of: sparsity.of)))) }
    totals += [Table.Cell(percent(sparsity.achieved)), ""]
    if isPacked { totals.append("") }
    if hasBytes { totals.append(Table.Cell(byteSize(tensors.reduce(0) { $0 + ($1.bytes ?? 0) }))) }
    table.addTotal(totals, paint: .bold)
    return table
  }

  private var leftAloneTable: Table {
    var table = Table(columns: [.name("left alone"), .name("reason", comfortable: 20)])
    for tensor in leftAlone { table.add([Table.Cell(tensor.name), Table.Cell(tensor.reason)]) }
    return table
  }
}
