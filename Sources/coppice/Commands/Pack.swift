import ArgumentParser
import CSRM
import Documents
import HDF5
import Keras
import Reports

struct Pack: ParsableCommand, TakesFiles {
  static let configuration = CommandConfiguration(
    commandName: "pack",
    abstract: "Pack model files into .csrm, without losing a bit unless told to.",
    discussion: """
      Every group, attribute, dataset, dtype and zip member comes back with unpack. Each tensor is \
      stored in the encoding that makes it smallest; --level max takes the time for the smallest of all. \
      --values rounds the weights to fewer bits; with --data, accuracy is measured before, and on what was \
      written.
      """)

  @OptionGroup var placing: PlacingOptions
  @OptionGroup var packing: PackingOptions
  @OptionGroup var layouts: LayoutOptions
  @OptionGroup(title: "Data") var data: DataArguments
  @OptionGroup var weighing: WeighingOptions
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var reporting: ReportOptions
  @OptionGroup var common: CommonOptions

  @Flag(help: "Leave out the optimizer's state.")
  var stripOptimizer = false

  @Argument(
    help: ArgumentHelp("Model files; '-' is standard input.", valueName: "file"),
    completion: .file(extensions: ["h5", "hdf5", "keras", "csrm"]))
  var files: [String] = []

  func validate() throws {
    try packing.check(stripsOptimizer: stripOptimizer)
    try layouts.check(packing: true, data: data.data != nil)
    try reporting.check(hasData: data.data != nil)
    try packing.checkAutomatic(reporting, hasData: data.data != nil)
    try weighing.check(packing.choice, hasData: data.data != nil)
  }

  func run() throws {
    try Batch.write(files, to: placing, standard: .csrm, reporting, common) { file, plan in
      try pack(file, plan)
    }
  }

  private func pack(_ file: String, _ plan: OutputPlan) throws -> PackReport {
    let clock = Stopwatch()
    var opened = try Inputs.open(file, reading)
    let place = try plan.place(
      for: file, container: opened.container.kind, storedAs: opened.storedAs)
    guard place.kind == .csrm else {
      throw UsageFault("pack writes .csrm: use convert for \(place.kind.rawValue)")
    }
    var notes: [String] = []
    if stripOptimizer { notes += opened.stripOptimizer() }
    let options = try packing.options(reading, layouts)
    let rounding = try RoundedDelivery(
      opened, file: file, packing: packing, options, data, weighing, layouts, reading,
      reporting.require, as: place.kind)
    let delivery = Delivery(
      place: place, replaces: placing.force, packing: options, storage: .asRead)
    let receipt = try delivery.deliver(rounding.outcome, as: .csrm) {
      try rounding.measure($0)
      try reporting.check(
        $0, of: opened.file.count, measured: rounding.requirements, file: Inputs.shown(file))
    }
    var report = PackReport(
      receipt.packed ?? PackSummary(), input: try reporting.facts(of: opened, file: file),
      output: try reporting.facts(of: receipt), options: options, seconds: clock.seconds)
    report.values = rounding.report(receipt)
    report.metrics = rounding.metrics
    report.notes = notes + rounding.notes
    return report
  }
}
