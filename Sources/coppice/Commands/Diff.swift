import ArgumentParser
import Keras
import Reports

struct Diff: ParsableCommand, TakesFiles {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Where two models differ, tensor by tensor.",
    discussion: """
      Tensors are matched by path, else by name. Exits 0 where nothing differs, 1 where something does.
      """)

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var reporting: ReportOptions
  @OptionGroup var common: CommonOptions

  @Argument(
    help: ArgumentHelp("Two model files.", valueName: "file"),
    completion: .file(extensions: ["h5", "hdf5", "keras", "csrm"]))
  var files: [String] = []

  func validate() throws {
    if !reporting.require.isEmpty {
      throw ValidationError("--require: there is no output here that could be kept back")
    }
  }

  func run() throws {
    common.apply()
    guard files.count == 2 else { throw UsageFault("diff takes two files, not \(files.count)") }
    try Inputs.require(files)
    let emission = try Emission(reporting, common, isAlone: true)
    var report = try Comparison(files[0], files[1], reading).report()
    report.isVerbose = common.verbose
    if let text = try emission.render(report) { Console.print(text) }
    if !report.isSame { throw RunEnded(status: .no) }
  }
}
