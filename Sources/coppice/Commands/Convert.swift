import ArgumentParser
import CSRM
import Documents
import HDF5
import Keras
import Reports

struct Convert: ParsableCommand, TakesFiles {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Turn one container into another.",
    discussion: """
      Between .h5, .keras, .weights.h5 and .csrm, where the input holds what the output needs. From \
      an HDF5 input, .h5 and .hdf5 keep the input's own layout. Of a .csrm, --values rounds the \
      weights, as pack does.
      """)

  @OptionGroup var placing: PlacingOptions
  @OptionGroup var packing: PackingOptions
  @OptionGroup var layouts: LayoutOptions
  @OptionGroup var storing: StoringOptions
  @OptionGroup(title: "Data") var data: DataArguments
  @OptionGroup var weighing: WeighingOptions
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var reporting: ReportOptions
  @OptionGroup var common: CommonOptions

  @Argument(
    help: ArgumentHelp("Model files; '-' is standard input.", valueName: "file"),
    completion: .file(extensions: ["h5", "hdf5", "keras", "csrm"]))
  var files: [String] = []

  func validate() throws {
    try packing.check(stripsOptimizer: storing.stripOptimizer)
    try layouts.check(packing: true, data: data.data != nil)
    try reporting.check(hasData: data.data != nil)
    try packing.checkAutomatic(reporting, hasData: data.data != nil)
    try weighing.check(packing.choice, hasData: data.data != nil)
  }

  func run() throws {
    if placing.outputDir != nil && placing.to == nil {
      throw UsageFault("convert --output-dir needs --to KIND: nothing else says what to write")
    }
    try Batch.write(files, to: placing, standard: .own, reporting, common) { file, plan in
      try convert(file, plan)
    }
  }

  private func convert(_ file: String, _ plan: OutputPlan) throws -> ConvertReport {
    let clock = Stopwatch()
    var opened = try Inputs.open(file, reading)
    let place = try plan.place(
      for: file, container: opened.container.kind, storedAs: opened.storedAs)
    var notes: [String] = []
    notes += storing.strip(&opened, for: place.kind)
    try packing.check(for: place.kind, layouts)
    let options = try packing.options(reading, layouts)
    let rounding = try RoundedDelivery(
      opened, file: file, packing: packing, options, data, weighing, layouts, reading,
      reporting.require, as: place.kind)
    let delivery = Delivery(
      place: place, replaces: placing.force, packing: options,
      storage: try storing.storage(for: place.kind))
    let receipt = try delivery.deliver(rounding.outcome, as: place.kind) {
      try rounding.measure($0)
      try reporting.check(
        $0, of: opened.file.count, measured: rounding.requirements, file: Inputs.shown(file))
    }
    var report = ConvertReport(
      command: .convert, input: try reporting.facts(of: opened, file: file),
      output: try reporting.facts(of: receipt), tensors: opened.model.tensors.count,
      seconds: clock.seconds)
    report.values = rounding.report(receipt)
    report.metrics = rounding.metrics
    if report.output == nil {
      report.planned = .init(container: receipt.kind.rawValue, bytes: receipt.bytes)
    }
    report.notes = notes + rounding.notes
    return report
  }
}
