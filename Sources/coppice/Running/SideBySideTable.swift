import Reports
import Synchronization

/// The reports of several files, gathered for one table.
final class SideBySideTable: Sendable {
  private let isWanted: Bool
  private let reports = Mutex<[(index: Int, report: InspectReport)]>([])

  init(isWanted: Bool) { self.isWanted = isWanted }

  /// Keeps `report` for the table; false where there is none.
  func takes(_ report: InspectReport, at index: Int) -> Bool {
    if isWanted { reports.withLock { $0.append((index, report)) } }
    return isWanted
  }

  /// Prints what was gathered, in the order of the command line.
  func show(_ common: CommonOptions) {
    let gathered = reports.withLock { $0.sorted { $0.index < $1.index }.map(\.report) }
    guard !gathered.isEmpty, !Console.isQuiet else { return }
    Console.print(
      InspectComparison(gathered).text(width: Console.width, color: common.allowsColor))
  }
}
