import ArgumentParser
import Reports
import Studies

struct Sweep: ParsableCommand, TakesFiles {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract:
      "One shot or in steps, on your model? Schedules, ratios, criteria and seeds compared.",
    usage: """
      coppice sweep --data <file> --out <folder> [<options>] <model>
      coppice sweep report [<options>] <folder> ...
      """,
    discussion: """
      Prunes and trains the model once for every combination, chooses on validation rows, and reports on \
      the test part, with intervals over the seeds. Every run is a file in --out as it ends, so a sweep can \
      be cut short, gone on with, and shared out over machines; 'sweep report' says what the folders hold.
      """)

  @OptionGroup(title: "What is compared") var sweeping: SweepOptions
  @OptionGroup(title: "Data") var data: DataArguments
  @OptionGroup(title: "Training") var optimizing: OptimizerOptions
  @OptionGroup var steering: SteeringOptions
  @OptionGroup(title: "Which tensors") var selecting: SelectionOptions
  @OptionGroup var layouts: LayoutOptions
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var reporting: ReportOptions
  @OptionGroup var common: CommonOptions

  @Option(
    help: ArgumentHelp(
      "With best-of-grid: at most so many epochs a run (default: 100).", valueName: "n"))
  var maxEpochs: Int?

  @Option(help: ArgumentHelp("The first seed.", valueName: "n"))
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "Draw the results: the metric against sparsity in a file of SVG, or all plots in a folder.",
      valueName: "path"), completion: .file())
  var plot: String?

  @Argument(
    help: ArgumentHelp("The model; or 'report' and folders.", valueName: "model"),
    completion: .file(extensions: ["h5", "hdf5", "keras", "csrm"]))
  var files: [String] = []

  private var reports: Bool { files.first == "report" }

  func validate() throws {
    try layouts.check(packing: false, data: true)
    if !reporting.require.isEmpty {
      throw ValidationError("--require: there is no output here that could be kept back")
    }
    if let maxEpochs {
      try EpochCount.check(maxEpochs, "--max-epochs")
      guard sweeping.fair.fairness == .bestOfGrid else {
        throw ValidationError(
          "--max-epochs belongs to --fair best-of-grid: an equal budget says its epochs itself")
      }
    }
    if steering.validation?.fraction == 0 {
      throw ValidationError("--validation 0 leaves nothing to choose by: give a share")
    }
  }

  func run() throws {
    common.apply()
    try reporting.checkPlaces(plot: plot)
    let emission = try Emission(reporting, common, isAlone: true, isOutputTaken: plot == "-")
    if reports {
      try checkReporting()
      let folders = files.dropFirst().map { SweepFolder($0) }
      guard let table = try SweepFolder.table(of: Array(folders)) else {
        throw UsageFault("which folders? Name those that a sweep wrote with --out")
      }
      return try show(table, emission)
    }
    guard files.count == 1 else {
      throw UsageFault("sweep takes one model, or 'report' and folders")
    }
    if data.data == nil { throw UsageFault("a sweep needs data: name them with --data") }
    guard let out = sweeping.out else {
      throw UsageFault("no folder for the results: name one with --out")
    }
    try SweepPlots.check(plot)
    let run = try SweepRun(self, file: files[0], command: CommandRecord.json(of: self))
    let worst = try run.run(into: SweepFolder(out))
    if let table = try SweepFolder.table(of: [SweepFolder(out)]) { try show(table, emission) }
    if worst != .done { throw RunEnded(status: worst) }
  }

  /// Throws where an option says what to run, which `sweep report` takes from the folders.
  private func checkReporting() throws {
    guard let asked = CommandRecord.json(of: self).objectValue,
      let plain = CommandRecord.json(of: try Self.parse(["report"])).objectValue
    else { return }
    let shown: Set<String> = [
      "files", "json", "csv", "report", "plot", "quiet", "verbose", "color", "threads", "config",
    ]
    let typed = Set(CommandLine.arguments.compactMap { word in
      word.hasPrefix("--") ? word.dropFirst(2).split(separator: "=").first.map(String.init) : nil
    })
    for (name, value) in asked.members
    where !shown.contains(name) && (value != plain[name] || typed.contains(name)) {
      throw UsageFault("sweep report shows the runs that are there: --\(name) has no say in it")
    }
  }

  private func show(_ table: SweepTable, _ emission: Emission) throws {
    let report = SweepReport(table, title: SweepRun.title(of: table.plan))
    if let plot { try SweepPlots.write(report, to: plot) }
    if let text = try emission.render(report) { Console.print(text) }
  }
}
