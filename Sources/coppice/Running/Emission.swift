import Files
import Reports
import Synchronization

/// How one run's reports reach the user: the form that was asked for on standard output, and the
/// JSON in the file of `--report`.
final class Emission: Sendable {
  private let form: Form
  private let color: Bool
  private let isAlone: Bool
  /// `-o -` or `--plot -`: standard output carries a model or a figure, so what there is to say goes to
  /// standard error.
  private let isOutputTaken: Bool
  private let reportFile: ReportFile?
  private let wroteHeader = Mutex(false)

  private enum Form { case text, json, csv }

  /// `isAlone`: there is one input, so its report may be long.
  init(
    _ options: ReportOptions, _ common: CommonOptions, isAlone: Bool, isOutputTaken: Bool = false
  ) throws {
    self.isOutputTaken = isOutputTaken
    form = options.json ? .json : options.csv ? .csv : .text
    color = common.allowsColor
    self.isAlone = isAlone
    reportFile = try options.report.map { try ReportFile(path: $0) }
  }

  /// What to print for `report`; nil where the run is quiet.
  func render(_ report: some Report) throws -> String? {
    try reportFile?.add(report.jsonText(alone: isAlone))
    if isOutputTaken {
      Console.note(report.line)
      return nil
    }
    switch form {
    case .json: return report.jsonText(alone: isAlone)
    case .csv:
      let table = report.csv
      return wroteHeader.withLock { wrote in
        defer { wrote = true }
        return wrote ? table.body : table.text
      }
    case .text:
      if Console.isQuiet { return nil }
      return isAlone ? report.text(width: Console.width, color: color) : report.line
    }
  }
}

/// The file of `--report`: made before the work, so that a wrong path fails in the first second, and
/// whole after every input, so that a run that was cut short leaves what it had.
private final class ReportFile: Sendable {
  private let path: String
  private let text = Mutex("")

  init(path: String) throws {
    self.path = path
    if path != "-" { try SideFile.report.check(path) }
  }

  func add(_ report: String) throws {
    try text.withLock { all in
      all += report
      if path == "-" {
        Console.print(report)
      } else {
        try SideFile.report.write(all, to: path)
      }
    }
  }
}
