import ArgumentParser
import CSRM
import Files
import Keras
import Reports

struct BenchSize: ParsableCommand, TakesFiles {
  static let configuration = CommandConfiguration(
    commandName: "size",
    abstract: "How small and how fast: .csrm beside gzip, zstd, xz, HDF5 deflate, SciPy and the limit.",
    usage: "coppice bench size [<options>] [<file> ...]",
    discussion: """
      All get the same file: the model's container, tensors unpacked where it is a .csrm. gzip, zstd, xz \
      and SciPy (python3) are measured where they are installed. Nothing is left behind but the report.
      """)

  @Option(
    help: ArgumentHelp(
      "As if pruned to this share by magnitude, over all prunable weights.", valueName: "share"))
  var sparsity: Sparsity?

  @Option(
    help: ArgumentHelp(
      "Only these, between commas: \(Contenders.names.joined(separator: ", ")).", valueName: "names"),
    completion: .list(Contenders.names))
  var only: ContenderList?

  @Option(
    help: ArgumentHelp(
      "Rounded weights too, each of these between commas: \(ValueRoundings.syntaxes).",
      valueName: "precisions"))
  var values: RoundingList?

  @Option(help: ArgumentHelp("How often each is timed; the median counts.", valueName: "n"))
  var rounds = 3

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var reporting: ReportOptions
  @OptionGroup var common: CommonOptions

  @Argument(
    help: ArgumentHelp("Model files; '-' is standard input.", valueName: "file"),
    completion: .file(extensions: ["h5", "hdf5", "keras", "csrm"]))
  var files: [String] = []

  func validate() throws {
    if rounds < 1 { throw ValidationError("--rounds takes a whole number from 1") }
    if !reporting.require.isEmpty {
      throw ValidationError("--require: there is no output here that could be kept back")
    }
  }

  func run() throws {
    common.apply()
    try Inputs.require(files)
    let emission = try Emission(reporting, common, isAlone: files.count == 1)
    try Batch.run(files) { file, _ in
      try emission.render(try report(on: file))
    }
  }

  private func report(on file: String) throws -> BenchSizeReport {
    do {
      let subject = try BenchSubject(file, sparsity: sparsity?.fraction, reading)
      let contenders = (only?.contenders ?? Contenders.all) + (values?.contenders ?? [])
      let bench = SizeBench(contenders: contenders, rounds: rounds)
      return try bench.report(on: subject)
    } catch let error as any Reportable {
      if let full = NoRoom(error) { throw full }
      throw error
    }
  }
}

/// Ways to store a model, typed as `default,xz`.
struct ContenderList: ExpressibleByArgument, ArgumentText {
  let contenders: [any Contender]
  let argumentText: String

  init?(argument: String) {
    let names = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard Set(names).isSubset(of: Contenders.names) else { return nil }
    contenders = Contenders.all.filter { names.contains($0.name) }
    argumentText = argument
  }

  var defaultValueDescription: String { argumentText }
}

/// Precisions to round weights to, typed as `int8,codebook:16`.
struct RoundingList: ExpressibleByArgument, ArgumentText {
  let contenders: [any Contender]
  let argumentText: String

  init?(argument: String) {
    let names = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let ways = names.compactMap(ValueRoundings.parse)
    guard ways.count == names.count, Set(names).count == names.count else { return nil }
    contenders = ways.map { PackedContender($0) }
    argumentText = argument
  }

  var defaultValueDescription: String { argumentText }
}
