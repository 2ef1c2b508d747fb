import Reports
import Synchronization

/// The reports of several files, gathered for one table or one plot.
final class GatheredReports: Sendable {
  private let reports = Mutex<[(index: Int, report: InspectReport)]>([])

  func add(_ report: InspectReport, at index: Int) {
    reports.withLock { $0.append((index, report)) }
  }

  /// What was gathered, in the order of the command line; nil where that is nothing.
  var comparison: InspectComparison? {
    let gathered = reports.withLock { $0.sorted { $0.index < $1.index }.map(\.report) }
    return gathered.isEmpty ? nil : InspectComparison(gathered)
  }
}

extension Console {
  /// Prints the table of several files, unless told to be quiet.
  static func print(_ comparison: InspectComparison, _ common: CommonOptions) {
    guard !isQuiet else { return }
    print(comparison.text(width: width, color: common.allowsColor))
  }
}
