import ArgumentParser
import Keras
import Network
import Reports

struct Eval: ParsableCommand, TakesFiles {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "How well a model does on data: accuracy, loss, speed.",
    discussion: """
      Runs a Keras model, packed or not, on data and compares its outputs with the labels. What is \
      measured follows from the file's training configuration, the model's outputs and the labels. \
      Without labels, --predictions writes what the model says.
      """)

  @OptionGroup(title: "Data") var data: DataArguments
  @OptionGroup var layouts: LayoutOptions
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var reporting: ReportOptions
  @OptionGroup var common: CommonOptions

  @Option(
    help: ArgumentHelp("Measure this loss instead of the file's own.", valueName: "name"))
  var loss: String?

  @Option(
    help: ArgumentHelp(
      "Also count an item as right whose class is among the first k (default: 5 from 10 classes on).",
      valueName: "k"))
  var topK: Int?

  @Flag(help: "Add precision, recall and F1 of every class.")
  var perClass = false

  @Flag(help: "Add how often which class is taken for which.")
  var confusion = false

  @Option(
    help: ArgumentHelp(
      "Write the model's outputs (.npy or .csv), a file for each output.", valueName: "file"),
    completion: .file(extensions: ["npy", "csv"]))
  var predictions: String?

  @Flag(help: "Replace a file of predictions that exists.")
  var force = false

  @Argument(
    help: ArgumentHelp("Model files; '-' is standard input.", valueName: "file"),
    completion: .file(extensions: ["h5", "hdf5", "keras", "csrm"]))
  var files: [String] = []

  func validate() throws {
    try layouts.check(packing: false, data: true)
    if let topK, topK < 1 { throw ValidationError("--top-k takes a whole number from 1") }
    if force, predictions == nil {
      throw ValidationError("--force is about a file of --predictions")
    }
    if let predictions {
      if files.count > 1 { throw ValidationError("--predictions takes one input") }
      guard Predictions.Form(path: predictions) != nil else {
        throw ValidationError("--predictions \(predictions): the ending says how: .npy or .csv")
      }
    }
  }

  func run() throws {
    common.apply()
    try Inputs.require(files)
    let emission = try Emission(reporting, common, isAlone: files.count == 1)
    try Batch.run(files) { file, _ in
      let (report, answer) = try evaluate(file)
      let text = try emission.render(report)
      if let answer { throw answer.with(text) }
      return text
    }
  }

  /// What was measured; and where that is not what `--require` asks for, the answer that it is not.
  private func evaluate(_ file: String) throws -> (EvalReport, AnswerIsNo?) {
    let shown = Inputs.shown(file)
    let opened = try Inputs.open(file, reading)
    try opened.model.checkSound(path: shown)
    let pair = try ModelOnData(opened.model, path: shown, data, layouts)
    if predictions == nil { try pair.data.requireTargets() }
    try checkAsked(of: pair)
    if pair.asksForWeights, !pair.data.evaluation.hasWeights {
      throw UsageFault(
        "--sample-weight: \(pair.data.path(of: pair.data.evaluation)) has no weights of its \(pair.data.evaluation.name) part"
      )
    }
    var options = Evaluation.Options()
    options.loss = loss
    options.topK = topK
    options.wantsClasses = perClass
    options.wantsConfusion = confusion
    let sink = try predictions.map {
      try Predictions(
        $0, pair.network.outputs, rows: pair.data.evaluation.count, replaces: force)
    }
    let outcome = try pair.evaluate(options, predictions: sink)
    try opened.checkUnchanged()
    let report = EvalReport(
      file: shown, container: opened.storedAs.rawValue, data: pair.data, outcome,
      notes: pair.notes + outcome.notes, classes: perClass, confusion: confusion)
    try checkAsked(of: report)
    do {
      try reporting.check(report.requirements, file: shown)
    } catch let answer as AnswerIsNo {
      return (report, answer)
    }
    try sink?.commit()
    return (report, nil)
  }

  /// What was asked for and needs labels, or fewer classes.
  private func checkAsked(of pair: ModelOnData) throws {
    let judging = [
      ("--loss", loss != nil), ("--top-k", topK != nil), ("--per-class", perClass),
      ("--confusion", confusion), ("--require", !reporting.require.isEmpty),
    ]
    if pair.data.evaluation.targets.isEmpty, let (option, _) = judging.first(where: \.1) {
      throw UsageFault(
        "\(option): \(pair.data.path(of: pair.data.evaluation)) has no labels. Name them with --y")
    }
    let widest = pair.data.evaluation.targets.map(\.width).max() ?? 0
    if let topK, widest > 1, topK > widest {
      throw UsageFault("--top-k \(topK): the model has \(widest) classes")
    }
    if confusion, widest > Self.mostConfused {
      throw UsageFault(
        "--confusion: \(widest) classes would make a table of as many rows and columns; it is for \(Self.mostConfused) at most. --per-class works"
      )
    }
  }

  /// What was asked for and the outputs do not have.
  private func checkAsked(of report: EvalReport) throws {
    if perClass, report.outputs.allSatisfy(\.classes.isEmpty) {
      throw UsageFault("--per-class: the model gives numbers, and no classes")
    }
    if confusion, report.outputs.allSatisfy(\.confusion.isEmpty) {
      throw UsageFault("--confusion: no output of the model is for one of several classes")
    }
    if topK != nil, !report.outputs.contains(where: { $0.task == "classification" }) {
      throw UsageFault("--top-k: no output of the model is for one of several classes")
    }
  }

  /// Classes of a confusion matrix: its counts fit 128 MB.
  private static let mostConfused = 4000
}
