import ArgumentParser
import Documents
import Keras
import Pruning
import Reports

struct Prune: ParsableCommand, TakesFiles {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Set the least important weights to zero, exactly as many as asked for.",
    discussion: """
      By the weights alone. What is written opens where the input opened; a .csrm holds it packed. \
      With --data, accuracy is measured before, after, and on what was written, and --reconstruct and \
      --bn-recalibrate make up for what was lost, without training. --fine-tune, --epochs or \
      --patience train the model after every step.
      """)

  @OptionGroup(title: "How much") var target: TargetOptions
  @OptionGroup(title: "Which weights first") var ranking: CriterionOptions
  @OptionGroup(title: "Which tensors") var selecting: SelectionOptions
  @OptionGroup(title: "In which steps") var scheduling: ScheduleOptions
  @OptionGroup(title: "Data") var data: DataArguments
  @OptionGroup(title: "Making up for it") var calibrating: CalibrationOptions
  @OptionGroup(title: "Training after each step") var stopping: StoppingOptions
  @OptionGroup var optimizing: OptimizerOptions
  @OptionGroup var keeping: CheckpointOptions
  @OptionGroup(title: "Output") var placing: PlacingOptions
  @OptionGroup var storing: StoringOptions
  @OptionGroup(title: "Packing") var packing: PackingOptions
  @OptionGroup var layouts: LayoutOptions
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var reporting: ReportOptions
  @OptionGroup var common: CommonOptions

  @Option(
    help: ArgumentHelp(
      "Write the masks: one byte a weight, 1 where it stays (.h5 or .csrm).", valueName: "file"),
    completion: .file(extensions: ["h5", "hdf5", "csrm"]))
  var maskOut: String?

  @Option(
    help: ArgumentHelp(
      "Prune by the masks of this file instead of a criterion.", valueName: "file"),
    completion: .file(extensions: ["h5", "hdf5", "csrm"]))
  var maskIn: String?

  @Option(
    help: ArgumentHelp(
      "Draw the sparsity of each layer, before and after, as SVG.", valueName: "file.svg"),
    completion: .file(extensions: ["svg"]))
  var plot: String?

  @Argument(
    help: ArgumentHelp("Model files; '-' is standard input.", valueName: "file"),
    completion: .file(extensions: ["h5", "hdf5", "keras", "csrm"]))
  var files: [String] = []

  func validate() throws {
    try packing.check(stripsOptimizer: storing.stripOptimizer)
    try layouts.check(packing: true, data: data.data != nil)
    try reporting.check(hasData: data.data != nil)
    try packing.checkAutomatic(reporting, hasData: data.data != nil)
    if target.targetSize != nil, case .automatic = try packing.choice {
      throw ValidationError(
        "--target-size says how large the output is, and --values auto makes it as small as can be: give one of them"
      )
    }
    try calibrating.check(
      criterion: try? ranking.parsed(), hasData: data.data != nil, trains: stopping.trains)
    try ranking.check(hasData: data.data != nil)
    if calibrating.changesModel && target.targetSize != nil {
      throw ValidationError(
        "--target-size is reached before \(calibrating.reconstruct ? "--reconstruct" : "--bn-recalibrate") changes what is packed: give --sparsity"
      )
    }
    try stopping.check(
      optimizing, keeping, hasData: data.data != nil,
      against: [
        (calibrating.reconstruct, "--reconstruct"), (maskIn != nil, "--mask-in"),
        (target.threshold != nil, "--threshold"), (target.nm != nil, "--nm"),
        (target.targetSize != nil, "--target-size"), (ranking.pattern != nil, "--granularity"),
      ])
    if maskIn != nil && (target.isGiven || ranking.criterion != "magnitude") {
      throw ValidationError("--mask-in says what is pruned: it takes no target and no criterion")
    }
    if let pattern = ranking.pattern {
      if target.nm != nil {
        throw ValidationError(
          "--granularity \(pattern.argumentText) and --nm say the same: give one")
      }
      if target.isGiven {
        throw ValidationError(
          "--granularity \(pattern.argumentText) fixes the sparsity: it takes no target")
      }
    }
    if files.count > 1 {
      for (given, option) in [(maskOut != nil, "--mask-out"), (plot != nil, "--plot")] where given {
        throw ValidationError("\(option) takes one input")
      }
    }
  }

  func run() throws {
    if maskIn == nil && !target.isGiven && ranking.pattern == nil && scheduling.milestones == nil {
      throw UsageFault(
        "how much? Give --sparsity, --threshold, --keep, --nm, --target-size or --set")
    }
    try ranking.checkGranularity()
    let record = CommandRecord.json(of: self)
    try Batch.write(files, to: placing, standard: .own, reporting, common, plot: plot) {
      file, plan in
      var report = try PruneRun(self, file: file, outputs: plan).report(command: record)
      report.isVerbose = common.verbose
      return report
    }
  }
}
