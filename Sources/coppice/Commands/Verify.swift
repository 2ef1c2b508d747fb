import ArgumentParser
import Keras
import Reports

struct Verify: ParsableCommand, TakesFiles {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Is every byte of a file right? Are two files the same model?",
    discussion: """
      With one file, every checksum it holds is checked and every tensor decoded. With two, B must \
      hold the same tensors, bit for bit, and where both are or were made of the same container, the \
      same groups, attributes and members. Exits 1 where the answer is no.
      """)

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var reporting: ReportOptions
  @OptionGroup var common: CommonOptions

  @Argument(
    help: ArgumentHelp("One model file, or two to compare.", valueName: "file"),
    completion: .file(extensions: ["h5", "hdf5", "keras", "csrm"]))
  var files: [String] = []

  func validate() throws {
    if !reporting.require.isEmpty {
      throw ValidationError("--require: there is no output here that could be kept back")
    }
  }

  func run() throws {
    common.apply()
    try Inputs.require(files)
    if files.count > 2 { throw UsageFault("verify takes one file, or two to compare") }
    let emission = try Emission(reporting, common, isAlone: true)
    try Batch.run([files[0]]) { file, _ in
      let report =
        files.count == 2
        ? try Comparison(file, files[1], reading).verification()
        : try FileCheck.report(file, reading)
      if let text = try emission.render(report) { Console.print(text) }
      if let first = report.damage.first {
        let shown = Inputs.shown(file)
        throw AnswerIsNo(
          first.what.hasPrefix(shown)
            ? "\(first.what) (\(first.place))" : "\(shown): \(first.what) (\(first.place))")
      }
      return nil
    }
  }
}
