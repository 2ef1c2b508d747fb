import ArgumentParser
import Files
import Parallel

/// What every command takes.
struct CommonOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Print nothing but errors on standard error.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Say what was chosen and why.")
  var verbose = false

  @Option(help: ArgumentHelp("Colour in tables.", valueName: "when"))
  var color: ColorChoice = .auto

  @Option(
    help: ArgumentHelp("Threads to use (default: the cores this process may use).", valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Take options from a JSON object of long option names; a report's \"command\" object works.",
      valueName: "file"),
    completion: .file(extensions: ["json"]))
  var config: String?

  func validate() throws {
    if quiet && verbose { throw ValidationError("--quiet and --verbose contradict each other") }
    if let threads, threads < 1 { throw ValidationError("--threads takes a whole number from 1") }
  }

  /// Makes these choices those of the process.
  func apply() {
    Console.setVerbosity(quiet ? -1 : verbose ? 1 : 0)
    if let threads { Parallel.threads = threads }
  }

  /// Whether tables may be coloured: as told, else on a terminal where NO_COLOR is not set.
  var allowsColor: Bool {
    switch color {
    case .always: true
    case .never: false
    case .auto: Console.outputIsTerminal && !Environment.isSet("NO_COLOR")
    }
  }
}

enum ColorChoice: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

/// How results are written.
struct ReportOptions: ParsableArguments {
  @Flag(help: "Print the report as JSON: one object, or one a line with several files.")
  var json = false

  @Flag(help: "Print the table as CSV.")
  var csv = false

  @Option(
    help: ArgumentHelp(
      "Also write the JSON report to a file ('-': standard output).", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var report: String?

  @Option(
    help: ArgumentHelp(
      "Exit 1, and put no output in place, unless this holds: sparsity>=0.9, ratio>=5, bytes<=200KB; with --data accuracy>=0.88, loss<=0.3. Repeatable.",
      valueName: "condition"))
  var require: [Requirement] = []

  func validate() throws {
    if json && csv { throw ValidationError("--json and --csv contradict each other") }
  }

  /// The first of these options that was given.
  var firstGiven: String? {
    let given = [
      (json, "--json"), (csv, "--csv"), (report != nil, "--report"),
      (!require.isEmpty, "--require"),
    ]
    return given.first { $0.0 }?.1
  }

  /// Throws where two things would go to standard output, or into one file.
  func checkPlaces(plot: String? = nil, output: String? = nil) throws {
    let places = [("--report", report), ("--plot", plot), ("-o", output)]
    let streams =
      places.filter { $0.1 == "-" }.map { "\($0.0) -" }
      + (json ? ["--json"] : csv ? ["--csv"] : [])
    if streams.count > 1 {
      throw UsageFault(
        "\(streams[0]) and \(streams[1]) would mix on standard output: name a file for one")
    }
    for (index, place) in places.enumerated() {
      guard let path = place.1, path != "-" else { continue }
      let others = places[..<index].filter { $0.1.map { $0 != "-" } ?? false }
      if let other = others.first(where: { OutputFile.isSamePlace($0.1 ?? "", path) }) {
        throw UsageFault("\(other.0) and \(place.0) name the same file, \(path)")
      }
    }
  }

  /// Throws where something is required that only data can tell.
  func check(hasData: Bool) throws {
    if !hasData,
      let condition = require.first(where: { [.accuracy, .loss].contains($0.metric) })
    {
      throw ValidationError(
        "--require '\(condition.argumentText)' needs data to measure on: name them with --data")
    }
  }

  /// Throws unless every condition that names one of `values` holds; a condition on something that
  /// this command does not measure is a usage error.
  ///
  /// A sparsity of so many `weights` is asked for to one weight, as `--sparsity` is: 0.9 of 13,825
  /// holds with 12,442 zeros, the nearest there is.
  ///
  /// - Parameter unknown: what only training could tell that a dry run leaves out.
  func check(
    _ values: [Requirement.Metric: Double], weights: Int? = nil,
    unknown: Set<Requirement.Metric> = [], file: String
  ) throws {
    for condition in require where !unknown.contains(condition.metric) {
      guard let value = values[condition.metric] else {
        throw UsageFault(
          "--require '\(condition.argumentText)': this command does not measure \(condition.metric)"
        )
      }
      let slack = condition.metric == .sparsity ? weights.map { 0.5 / Double(max(1, $0)) } : nil
      if !condition.holds(for: value, slack: slack ?? 0) {
        let seen =
          value.isNaN ? "no number here" : condition.metric == .bytes ? "\(Int(value))" : "\(value)"
        throw AnswerIsNo(
          "\(file): \(condition.argumentText) does not hold: \(condition.metric) is \(seen)")
      }
    }
  }
}

/// What may be read, and how much of it.
struct ReadingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Refuse inputs that decode to more than this in all.", valueName: "size"))
  var maxSize: ByteSize?

  @Option(
    help: ArgumentHelp(
      "Take the architecture of a weights-only file from another model file or a bare JSON.",
      valueName: "model"),
    completion: .file(extensions: ["json", "h5", "hdf5", "keras"]))
  var configFrom: String?

  @Option(
    name: [.customShort("M"), .long],
    help: ArgumentHelp(
      "Memory for the blocks of packed files that are being read or made, from 16MB.",
      valueName: "size"))
  var memory: ByteSize?

  /// Below this not even one thread has what it takes.
  private static let leastMemory = 16_000_000

  func validate() throws {
    if let memory, memory.bytes < Self.leastMemory {
      throw ValidationError("--memory \(memory.argumentText): takes 16MB or more")
    }
  }
}

/// Where outputs go.
struct PlacingOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write here; the ending names the container (.csrm, .keras, .weights.h5, .h5, .hdf5). '-' is standard output.",
      valueName: "file"),
    completion: .file(extensions: ["csrm", "keras", "h5", "hdf5"]))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "The container to write, whatever the output's ending says.", valueName: "kind"))
  var to: TargetKind?

  @Option(
    help: ArgumentHelp(
      "Write every output here, under the input's name with a new ending.", valueName: "dir"),
    completion: .directory)
  var outputDir: String?

  @Flag(help: "Replace an output that exists; allows the input as output.")
  var force = false

  @Flag(help: "Pass over inputs whose output exists, with success.")
  var skipExisting = false

  @Option(help: ArgumentHelp("Files to work on side by side.", valueName: "n"))
  var jobs: Int = 1

  @Flag(help: "Say what would be done, and write nothing.")
  var dryRun = false

  func validate() throws {
    if output != nil && outputDir != nil {
      throw ValidationError("--output and --output-dir contradict each other")
    }
    if force && skipExisting {
      throw ValidationError("--force and --skip-existing contradict each other")
    }
    if jobs < 1 { throw ValidationError("--jobs takes a whole number from 1") }
  }
}

/// The kind of container to write.
enum TargetKind: String, ExpressibleByArgument, CaseIterable {
  case kerasH5 = "keras-h5"
  case kerasWeightsH5 = "keras-weights-h5"
  case keras3WeightsH5 = "keras3-weights-h5"
  case kerasArchive = "keras-archive"
  case hdf5
  case csrm
}
