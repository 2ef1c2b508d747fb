/// Several files side by side: a line for each; then, for files that are versions of one model, a row
/// for each tensor (or layer) with its sparsity and stored size in each file. JSON and CSV of several
/// files are those of each file.
public struct InspectComparison: Sendable {
  public var reports: [InspectReport]

  public init(_ reports: [InspectReport]) { self.reports = reports }

  public func text(width: Int?, color: Bool) -> String {
    let folder = commonFolder(of: reports.map(\.file))
    let place = folder.isEmpty ? "" : " in " + visible(String(folder))
    var text = headline(counted(reports.count, "file") + place, .bold, width: width, color: color)
    text += summary(without: folder).text(width: width, color: color)
    for family in families where family.members.count > 1 {
      for files in family.chunks(width: width) {
        text += "\n" + comparison(of: files, in: family).text(width: width, color: color)
      }
    }
    let notes = reports.flatMap { report in
      report.notes.map { "\(report.file.dropFirst(folder.count)): \($0)" }
    }
    return text + notesText(notes, width: width, color: color)
  }

  private func summary(without folder: Substring) -> Table {
    var table = Table(columns: [
      .number("#"), .name("file", comfortable: 20, least: 12), .word("container", rank: 3),
      .number("size"), .number("parameters", rank: 2), .number("prunable", rank: 4),
      .number("zeros", rank: 5), .number("sparsity"), .number("overall", rank: 6),
    ])
    for (index, report) in reports.enumerated() {
      table.add([
        Table.Cell("\(index + 1)"), Table.Cell(String(report.file.dropFirst(folder.count))),
        Table.Cell(report.container), Table.Cell(byteSize(report.bytes)),
        Table.Cell(grouped(report.parameters)), Table.Cell(grouped(report.prunable)),
        Table.Cell(grouped(report.zeros)), Table.Cell(percent(report.sparsity)),
        Table.Cell(percent(report.overallSparsity)),
      ])
    }
    return table
  }

  /// Files in families, each file with the first one that it shares half of its rows with.
  private var families: [Family] {
    var families: [Family] = []
    for (file, report) in reports.enumerated() {
      let entries = Family.entries(of: report)
      if let family = families.firstIndex(where: { $0.isRelated(to: entries) }) {
        families[family].add(entries, file: file)
      } else {
        families.append(Family(entries, file: file))
      }
    }
    return families
  }

  private func comparison(of files: ArraySlice<Int>, in family: Family) -> Table {
    let kind = reports.contains(where: \.showsLayers) ? "layer" : "tensor"
    var columns: [Table.Column] = [.name(kind, comfortable: Family.leastName)]
    for file in files {
      columns += [.number("sparsity \(file + 1)"), .number("stored \(file + 1)")]
    }
    var table = Table(columns: columns)
    for key in family.rows {
      let row = family.cells[key] ?? [:]
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

/// Files that are versions of one model, and the rows of their table: the names of all of them, so
/// that every piece of the table has the same rows.
private struct Family {
  struct Entry {
    var sparsity: Double?
    var stored: Int
    /// Nothing of it is prunable.
    var isAside: Bool
  }

  /// A name that comes twice in a file is two rows.
  struct Key: Hashable {
    var name: String
    var occurrence: Int
  }

  static let leastName = 14

  private(set) var members: [Int] = []
  private(set) var rows: [Key] = []
  private(set) var cells: [Key: [Int: Entry]] = [:]
  private let founder: Set<Key>

  init(_ entries: [(key: Key, entry: Entry)], file: Int) {
    founder = Set(entries.map(\.key))
    add(entries, file: file)
  }

  mutating func add(_ entries: [(key: Key, entry: Entry)], file: Int) {
    members.append(file)
    for (key, entry) in entries {
      if cells[key] == nil { rows.append(key) }
      cells[key, default: [:]][file] = entry
    }
  }

  func isRelated(to entries: [(key: Key, entry: Entry)]) -> Bool {
    let common = entries.count { founder.contains($0.key) }
    return common > 0 && 2 * common >= min(founder.count, entries.count)
  }

  /// Which files stand in one table: all, where names can be cut to make room for them; else as many
  /// as leave the names whole.
  func chunks(width: Int?) -> [ArraySlice<Int>] {
    guard let width else { return [members[...]] }
    let pair = 2 + 10 + 2 + 8
    let longest = rows.reduce(8) { max($0, displayWidth(visible($1.name))) }
    let fits = (width - Self.leastName) / pair >= members.count
    let most = fits ? members.count : max(1, (width - longest) / pair)
    return stride(from: 0, to: members.count, by: most).map {
      members[$0..<min($0 + most, members.count)]
    }
  }

  static func entries(of report: InspectReport) -> [(key: Key, entry: Entry)] {
    var seen: [String: Int] = [:]
    func key(_ name: String) -> Key {
      defer { seen[name, default: 0] += 1 }
      return Key(name: name, occurrence: seen[name, default: 0])
    }
    if report.showsLayers {
      return report.layers.map { layer in
        let isAside = layer.prunable == 0
        return (
          key(layer.layer ?? "(no layer)"),
          Entry(sparsity: layer.sparsity, stored: layer.storedBytes, isAside: isAside)
        )
      }
    }
    return report.sortedTensors.filter { report.isVerbose || !$0.isOptimizer }.map { tensor in
      (
        key(tensor.name),
        Entry(sparsity: tensor.sparsity, stored: tensor.storedBytes, isAside: !tensor.prunable)
      )
    }
  }
}

/// The folder that all paths lie in, with its slash; empty where they have none in common.
func commonFolder(of paths: [String]) -> Substring {
  guard var common = paths.first?[...], paths.count > 1 else { return "" }
  for path in paths {
    while !path.hasPrefix(common) || common.last != "/" {
      guard !common.isEmpty else { return "" }
      common = common.dropLast()
    }
  }
  return common
}
