import ArgumentParser
import JSON
import Reports

struct SensitivityCommand: ParsableCommand, TakesFiles {
  static let configuration = CommandConfiguration(
    commandName: "sensitivity",
    abstract: "What each tensor loses when it alone is pruned, at several sparsities.",
    discussion: """
      Measures on the validation part of the training rows, so that the test part stays unseen; --split \
      names other rows. Nothing is trained and nothing is written.
      """)

  @Option(
    help: ArgumentHelp("Sparsities (default: 0.5,0.7,0.8,0.9,0.95,0.99).", valueName: "list"))
  var ratios: SparsityList?

  @OptionGroup(title: "Data") var data: DataArguments
  @OptionGroup var steering: SteeringOptions
  @OptionGroup(title: "Which weights first") var ranking: CriterionOptions
  @OptionGroup(title: "Which tensors") var selecting: SelectionOptions
  @OptionGroup var layouts: LayoutOptions
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var reporting: ReportOptions
  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("Measure this loss instead of the file's own.", valueName: "name"))
  var loss: String?

  @Option(
    help: ArgumentHelp("Draw a heat map of what is lost, as SVG.", valueName: "file.svg"),
    completion: .file(extensions: ["svg"]))
  var plot: String?

  @Argument(
    help: ArgumentHelp("Model files; '-' is standard input.", valueName: "file"),
    completion: .file(extensions: ["h5", "hdf5", "keras", "csrm"]))
  var files: [String] = []

  func validate() throws {
    try layouts.check(packing: false, data: true)
    if data.data == nil { throw ValidationError("which data? Name them with --data") }
    try ranking.check(hasData: true)
    if ranking.pattern != nil {
      throw ValidationError("--granularity: sensitivity prunes single weights")
    }
    if !reporting.require.isEmpty {
      throw ValidationError("--require: there is no output here that could be kept back")
    }
    if let ratios, Set(ratios.fractions).count < ratios.fractions.count {
      throw ValidationError("--ratios \(ratios.argumentText): a sparsity comes twice")
    }
    if steering.validation?.fraction == 0 {
      throw ValidationError("--validation 0 leaves nothing to measure on: give a share, or --split")
    }
    if let rounds = ranking.synflowRounds, rounds > 1 {
      throw ValidationError(
        "--synflow-rounds \(rounds): sensitivity takes scores once. Leave it out")
    }
    if plot != nil && files.count > 1 { throw ValidationError("--plot takes one input") }
  }

  func run() throws {
    common.apply()
    try ranking.checkGranularity()
    try Inputs.require(files)
    try reporting.checkPlaces(plot: plot)
    try Plots.check(plot)
    let emission = try Emission(
      reporting, common, isAlone: files.count == 1, isOutputTaken: plot == "-")
    try Batch.run(files) { file, _ in
      let report = try SensitivityRun(self, file: file).report()
      if let plot { try Plots.write(report.plot, to: plot) }
      return try emission.render(report)
    }
  }
}
