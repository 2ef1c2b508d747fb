/// Several files side by side: a line for each, then a row for each tensor (or layer) with the
/// sparsity and the stored size in each file. JSON and CSV of several files are those of each file.
public struct InspectComparison: Sendable {
  public var reports: [InspectReport]

  public init(_ reports: [InspectReport]) { self.reports = reports }

  public func text(width: Int?, color: Bool) -> String {
    var text = summary.text(width: width, color: color)
    for files in chunks(width: width) {
      text += "\n" + comparison(of: files).text(width: width, color: color)
    }
    let notes = reports.flatMap { report in report.notes.map { "\(report.file): \($0)" } }
    return text + notesText(notes, width: width, color: color)
  }

  private var summary: Table {
    var table = Table(columns: [
      .number("#"), .name("file", comfortable: 20, least: 12), .word("container", rank: 3),
      .number("size"), .number("parameters", rank: 2), .number("prunable", rank: 4),
      .number("zeros", rank: 5), .number("sparsity"), .number("overall", rank: 6),
    ])
    for (index, report) in reports.enumerated() {
      table.add([
        Table.Cell("\(index + 1)"), Table.Cell(report.file), Table.Cell(report.container),
        Table.Cell(byteSize(report.bytes)), Table.Cell(grouped(report.parameters)),
        Table.Cell(grouped(report.prunable)), Table.Cell(grouped(report.zeros)),
        Table.Cell(percent(report.sparsity)), Table.Cell(percent(report.overallSparsity)),
      ])
    }
    return table
  }

  /// As many files a table as have room beside a name of 14 columns: none is dropped.
  private func chunks(width: Int?) -> [Range<Int>] {
    let pair = 2 + 10 + 2 + 8
    let most = width.map { max(1, ($0 - 14) / pair) } ?? reports.count
    return stride(from: 0, to: reports.count, by: max(most, 1)).map {
      $0..<min($0 + most, reports.count)
    }
  }

  private struct Entry {
    var sparsity: Double?
    var stored: Int
    /// Nothing of it is prunable.
    var isAside: Bool
  }

  private func entries(of report: InspectReport) -> [(name: String, entry: Entry)] {
    if report.showsLayers {
      return report.layers.map { layer in
        (
          layer.layer ?? "(no layer)",
          Entry(sparsity: layer.sparsity, stored: layer.storedBytes, isAside: layer.prunable == 0)
        )
      }
    }
    return report.sortedTensors.filter { report.isVerbose || !$0.isOptimizer }.map { tensor in
      (
        tensor.name,
        Entry(sparsity: tensor.sparsity, stored: tensor.storedBytes, isAside: !tensor.prunable)
      )
    }
  }

  private func comparison(of files: Range<Int>) -> Table {
    let kind = reports.contains(where: \.showsLayers) ? "layer" : "tensor"
    var columns: [Table.Column] = [.name(kind, comfortable: 14)]
    for file in files {
      columns += [.number("sparsity \(file + 1)"), .number("stored \(file + 1)")]
    }
    var table = Table(columns: columns)

    // Rows are the names of all files, so that the tables of all chunks have the same rows. A name
    // that comes twice in a file is two rows.
    struct Key: Hashable {
      var name: String
      var occurrence: Int
    }
    var order: [Key] = []
    var cells: [Key: [Int: Entry]] = [:]
    for (file, report) in reports.enumerated() {
      var seen: [String: Int] = [:]
      for (name, entry) in entries(of: report) {
        let key = Key(name: name, occurrence: seen[name, default: 0])
        seen[name, default: 0] += 1
        if cells[key] == nil { order.append(key) }
        cells[key, default: [:]][file] = entry
      }
    }
    for key in order {
      let row = cells[key] ?? [:]
      table.add(
        [Table.Cell(key.name)]
          + files.flatMap { file -> [Table.Cell] in
            guard let entry = row[file] else { return ["–", "–"] }
            return [Table.Cell(percent(entry.sparsity)), Table.Cell(byteSize(entry.stored))]
          }, paint: row.values.allSatisfy(\.isAside) ? .dim : nil)
    }
    table.addTotal(
      ["prunable"]
        + files.flatMap { file -> [Table.Cell] in
          let stored = reports[file].prunableTensors.reduce(0) { $0 + $1.storedBytes }
          return [Table.Cell(percent(reports[file].sparsity)), Table.Cell(byteSize(stored))]
        }, paint: .bold)
    return table
  }
}
