import ArgumentParser
import CSRM
import Files
import Keras
import Reports

struct Inspect: ParsableCommand, TakesFiles {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "What is in a model file: tensors, sparsity, sizes.",
    discussion: """
      Sparsity is zeros among the prunable weights, -0.0 too. Several files on a terminal are shown \
      side by side; --json then prints one object a line.
      """)

  @OptionGroup var selecting: SelectionOptions
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var reporting: ReportOptions
  @OptionGroup var common: CommonOptions

  @Flag(help: "Fold the table by layer.")
  var layers = false

  @Flag(help: "Add zero rows, columns, filters and channels, and how far tensors comply with N:M.")
  var structure = false

  @Flag(help: "Add a histogram of the magnitudes.")
  var histogram = false

  @Option(
    help: ArgumentHelp(
      "Draw the sparsity of each layer as SVG, files beside each other ('-': standard output).",
      valueName: "file.svg"),
    completion: .file(extensions: ["svg"]))
  var plot: String?

  @Option(
    defaultAsFlag: Estimation.packing,
    help: ArgumentHelp(
      "Say what packing would give, or pruning to a share and packing, without doing it.",
      valueName: "share"))
  var estimate: Estimation?

  @Option(
    help: ArgumentHelp(
      "Order of the rows: \(InspectColumn.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "column"))
  var sort: InspectColumn?

  @Option(help: ArgumentHelp("Files to work on side by side.", valueName: "n"))
  var jobs: Int = 1

  @Argument(
    help: ArgumentHelp("Model files; '-' is standard input.", valueName: "file"),
    completion: .file(extensions: ["h5", "hdf5", "keras", "csrm"]))
  var files: [String] = []

  func validate() throws {
    if case .unknown(let text) = estimate {
      throw ValidationError(
        "--estimate \(text): neither a share (0.9, 90%) nor a file that is there")
    }
    if jobs < 1 { throw ValidationError("--jobs takes a whole number from 1") }
    do { try reporting.checkPlaces(plot: plot) } catch { throw ValidationError("\(error)") }
  }

  func run() throws {
    common.apply()
    try Inputs.require(files)
    try Plots.check(plot)
    let isAlone = files.count == 1
    let emission = try Emission(reporting, common, isAlone: isAlone)
    let isTable = !isAlone && !reporting.json && !reporting.csv && plot != "-"
    let gathered = GatheredReports()
    let batch = Result {
      try Batch.run(files, jobs: jobs) { file, index in
        let report = try inspect(file)
        if isTable || plot != nil { gathered.add(report, at: index) }
        let text = try emission.render(report)
        let shown = isTable || plot == "-" ? nil : text
        do {
          try reporting.check(
            [.sparsity: report.sparsity ?? .nan, .bytes: Double(report.bytes)],
            weights: report.prunable, file: Inputs.shown(file))
        } catch let answer as AnswerIsNo {
          // Nothing is kept back: what was found is what tells why.
          throw answer.with(shown)
        }
        return shown
      }
    }
    // Those that could be read are shown, whatever became of the others.
    if let comparison = gathered.comparison {
      if isTable { Console.print(comparison, common) }
      if let plot { try Plots.write(comparison.plot, to: plot) }
    }
    try batch.get()
  }

  private func inspect(_ file: String) throws -> InspectReport {
    let opened = try Inputs.open(file, reading)
    var inspection = Inspection(opened, selection: try selecting.resolve(opened.model))
    inspection.showsStructure = structure
    inspection.showsHistogram = histogram
    inspection.estimation = estimate
    var report = try inspection.report(file: Inputs.shown(file))
    report.showsLayers = layers
    report.isVerbose = common.verbose
    report.order = sort
    return report
  }
}

/// The value of `--estimate`: packing as it is, or after pruning to a share.
enum Estimation: ExpressibleByArgument, ArgumentText {
  case packing
  case pruned(Sparsity)
  /// Neither a share nor the first of the files, which may stand behind the bare option.
  case unknown(String)

  init?(argument: String) {
    if let sparsity = Sparsity(argument: argument) {
      self = .pruned(sparsity)
    } else if argument == "-" || FileIdentity(argument) != nil {
      return nil
    } else {
      self = .unknown(argument)
    }
  }

  var argumentText: String {
    switch self {
    case .packing: ""
    case .pruned(let sparsity): sparsity.argumentText
    case .unknown(let text): text
    }
  }
  var defaultValueDescription: String { argumentText }
}

extension InspectColumn: ExpressibleByArgument {}
