import ArgumentParser
import Keras
import Reports

struct Verify: ParsableCommand, TakesFiles {
  static let configuration = CommandConfiguration(
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

  func run() throws {
    common.apply()
    try Inputs.require(files)
    if files.count > 2 { throw UsageFault("verify takes one file, or two to compare") }
    let emission = try Emission(reporting, common, isAlone: true)
    try Batch.run([files[0]]) { file, _ in
      let report =
        files.count == 2
        ? VerifyReport(try Comparison(file, files[1], reading).report())
        : try FileCheck.report(file, reading)
      if let text = try emission.render(report) { Console.print(text) }
      if let first = report.damage.first {
        throw AnswerIsNo("\(Inputs.shown(file)): \(first.what) (\(first.place))")
      }
      return nil
    }
  }
}

extension VerifyReport {
  /// The answer to `verify A B`: B holds the same model where nothing differs.
  fileprivate init(_ diff: DiffReport) {
    let tensors = diff.tensors.filter { $0.status != .same }.map {
      Damage(place: $0.name, what: $0.sentence)
    }
    self.init(
      file: diff.fileA, container: "", against: diff.fileB, checkedBytes: 0,
      damage: tensors + diff.others)
  }
}

extension DiffReport.Tensor {
  fileprivate var sentence: String {
    switch status {
    case .same: "is the same"
    case .values: "\(changed.map(String.init) ?? "some") values differ"
    case .shape: "has another shape"
    case .dtype: "has another type"
    case .missing: "is in the first file only"
    case .extra: "is in the second file only"
    }
  }
}
