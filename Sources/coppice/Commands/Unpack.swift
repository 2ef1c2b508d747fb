import ArgumentParser
import CSRM
import Documents
import Files
import HDF5
import Keras
import Reports

struct Unpack: ParsableCommand, TakesFiles {
  static let configuration = CommandConfiguration(
    commandName: "unpack",
    abstract: "Give back the container that a .csrm was made of, or one tensor of it.",
    discussion: """
      A file packed with --bytes-exact comes back byte for byte. --tensor takes one tensor out \
      without reading the rest.
      """)

  @OptionGroup var placing: PlacingOptions
  @OptionGroup var storing: StoringOptions
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var reporting: ReportOptions
  @OptionGroup var common: CommonOptions

  @Flag(
    help: "Insist on the very bytes that were packed: exit 69 where the file does not hold them.")
  var bytesExact = false

  @Option(
    help: ArgumentHelp(
      "Take out this tensor alone (its path, as inspect shows it).", valueName: "name"))
  var tensor: String?

  @Option(help: ArgumentHelp("With --tensor: rows A to B-1 of it.", valueName: "a:b"))
  var rows: RowRange?

  @Option(
    help: ArgumentHelp(
      "With --tensor: bytes alone, or a NumPy file (default: npy where the output ends so, else raw).",
      valueName: "format"))
  var format: TensorFormat?

  @Argument(
    help: ArgumentHelp("Packed files; '-' is standard input.", valueName: "file"),
    completion: .file(extensions: ["csrm"]))
  var files: [String] = []

  func validate() throws {
    if tensor == nil && (rows != nil || format != nil) {
      throw ValidationError("--rows and --format belong to --tensor")
    }
    if tensor != nil && (bytesExact || storing.isGiven || placing.to != nil) {
      throw ValidationError("--tensor takes no option of whole files")
    }
    if tensor != nil, let option = reporting.firstGiven {
      throw ValidationError("\(option): there is no report of one tensor")
    }
    if bytesExact && storing.isGiven {
      throw ValidationError("--bytes-exact contradicts --store and --strip-optimizer")
    }
  }

  func run() throws {
    if let tensor {
      common.apply()
      try Inputs.require(files)
      return try TensorExtraction(self, tensor).run()
    }
    try Batch.write(files, to: placing, standard: .original, reporting, common) { file, plan in
      try unpack(file, plan)
    }
  }

  private func unpack(_ file: String, _ plan: OutputPlan) throws -> ConvertReport? {
    let clock = Stopwatch()
    var opened = try Inputs.open(file, reading)
    guard let packed = opened.packed else {
      throw UsageFault(
        "\(Inputs.shown(file)): is \(opened.storedAs.rawValue), not .csrm: nothing to unpack")
    }
    let place = try plan.place(
      for: file, container: opened.container.kind, storedAs: opened.storedAs)
    if place.kind == .csrm {
      throw UsageFault("unpack writes what was packed: use convert for .csrm")
    }
    if bytesExact && !packed.holdsOriginal {
      throw Unsupported(
        "\(Inputs.shown(file)): was packed without --bytes-exact, so the very bytes are not in it. Without the option unpack gives back the same container"
      )
    }
    if bytesExact && place.kind != opened.container.kind {
      throw UsageFault(
        "--bytes-exact: what was packed is \(opened.container.kind.rawValue), and the output is to be \(place.kind.rawValue)"
      )
    }
    var notes: [String] = []
    notes += storing.strip(&opened, for: place.kind)
    let isOriginal = packed.holdsOriginal && place.kind == opened.container.kind && !storing.isGiven
    let delivery = Delivery(
      place: place, replaces: placing.force, packing: PackOptions(),
      storage: try storing.storage(for: place.kind))
    let receipt = try delivery.deliver(opened, as: place.kind, original: isOriginal ? packed : nil)
    {
      try reporting.check($0, of: opened.file.count, file: Inputs.shown(file))
    }
    var report = ConvertReport(
      command: .unpack, input: try reporting.facts(of: opened, file: file),
      output: try reporting.facts(of: receipt), tensors: opened.model.tensors.count,
      bytesExact: isOriginal, seconds: clock.seconds)
    if report.output == nil {
      report.planned = .init(container: receipt.kind.rawValue, bytes: receipt.bytes)
    }
    report.notes = notes
    return report
  }
}
