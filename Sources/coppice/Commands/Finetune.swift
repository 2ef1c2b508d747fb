import ArgumentParser
import Reports

struct Finetune: ParsableCommand, TakesFiles {
  static let configuration = CommandConfiguration(
    commandName: "finetune",
    abstract: "Train a model on; weights that are zero stay zero.",
    discussion: """
      Trains Keras models, packed ones too, on the training rows of the data, and writes the best weights \
      by validation. Loss and optimizer come from the file's own training configuration.
      """)

  @OptionGroup(title: "How long") var length: LengthOptions
  @OptionGroup(title: "Data") var data: DataArguments
  @OptionGroup(title: "How") var optimizing: OptimizerOptions
  @OptionGroup var keeping: CheckpointOptions
  @OptionGroup(title: "Which tensors keep their zeros") var selecting: SelectionOptions
  @OptionGroup(title: "Output") var placing: PlacingOptions
  @OptionGroup var storing: StoringOptions
  @OptionGroup(title: "Packing") var packing: PackingOptions
  @OptionGroup var layouts: LayoutOptions
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var reporting: ReportOptions
  @OptionGroup var common: CommonOptions

  // Two flags and not one with an inversion: a report's command names what was given.
  @Flag(help: "Keep weights that are zero at zero, which is the default.")
  var respectZeros = false

  @Flag(help: "Let weights that are zero become others.")
  var noRespectZeros = false

  @Flag(help: "Take the training rows in the order of the file, in every epoch.")
  var noShuffle = false

  @Flag(
    help: "Take the statistics of batch normalisations anew before training and after each epoch.")
  var bnRecalibrate = false

  @Option(
    help: ArgumentHelp(
      "What the samples of a class weigh in the loss, as 0=1,3=2.5; the others weigh 1.",
      valueName: "class=weight,…"))
  var classWeight: ClassWeights?

  @Option(
    help: ArgumentHelp(
      "Seed of all that is drawn: validation rows, order, augmentation, dropout.", valueName: "n"))
  var seed: UInt64 = 0

  @Argument(
    help: ArgumentHelp("Model files; '-' is standard input.", valueName: "file"),
    completion: .file(extensions: ["h5", "hdf5", "keras", "csrm"]))
  var files: [String] = []

  func validate() throws {
    try packing.check(stripsOptimizer: storing.stripOptimizer)
    try layouts.check(packing: true, data: true)
    try packing.checkAutomatic(reporting, hasData: data.data != nil)
    if respectZeros && noRespectZeros {
      throw ValidationError("--respect-zeros and --no-respect-zeros contradict each other")
    }
    if noRespectZeros && selecting.isGiven {
      throw ValidationError(
        "--no-respect-zeros keeps no zeros, so there is nothing to select: leave one out")
    }
    if data.data == nil { throw ValidationError("training needs data: name them with --data") }
  }

  func run() throws {
    let record = CommandRecord.json(of: self)
    try Batch.write(files, to: placing, standard: .own, reporting, common) { file, plan in
      var report = try FinetuneRun(self, file: file, outputs: plan).report(command: record)
      report.isVerbose = common.verbose
      return report
    }
  }
}
