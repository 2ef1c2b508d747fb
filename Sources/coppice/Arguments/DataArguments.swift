import ArgumentParser
import Datasets

/// Which data a model is run on, and how they become its inputs (cli.md, "Data").
struct DataArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Data: HDF5, .npz, .npy, IDX or a table (CSV, TSV), told apart by content.",
      valueName: "file"),
    completion: .file())
  var data: String?

  @Option(help: ArgumentHelp("The test part, where it is a file of its own.", valueName: "file"))
  var testData: String?

  @Option(
    help: ArgumentHelp(
      "The array of the input, or input=array of several. Repeatable.", valueName: "name"))
  var x: [String] = []

  @Option(
    help: ArgumentHelp(
      "The array of the labels, or output=array; for .npy and IDX the file of them. Repeatable.",
      valueName: "name"))
  var y: [String] = []

  @Option(
    help: ArgumentHelp(
      "The array or column that says what each row weighs in the loss; for .npy and IDX the file of it.",
      valueName: "name"))
  var sampleWeight: [String] = []

  @Option(help: ArgumentHelp("Which rows: auto, test, train or all.", valueName: "part"))
  var split: DataOptions.Split = .automatic

  @Option(help: ArgumentHelp("Take the first n rows only.", valueName: "n"))
  var limit: Int?

  @Option(
    help: ArgumentHelp("Multiply values: 1/255 or a number.", valueName: "factor"))
  var scale: String?

  @Option(
    help: ArgumentHelp("Subtract: one number, or one a channel.", valueName: "a,b,c"))
  var mean: String?

  @Option(
    help: ArgumentHelp("Divide by: one number, or one a channel.", valueName: "a,b,c"))
  var std: String?

  @Option(
    help: ArgumentHelp(
      "Prepare RGB bytes as Keras's applications do: caffe, tf or torch.", valueName: "way"))
  var preprocess: DataOptions.Preprocessing?

  @Option(help: ArgumentHelp("How labels are stored: sparse, onehot or auto.", valueName: "form"))
  var labels: DataOptions.Labels = .auto

  @Option(
    help: ArgumentHelp(
      "Rows that are run together (default: 128 in training, else as many as fit 16 MB, at most 1,024).",
      valueName: "n"))
  var batchSize: Int?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit takes a whole number from 1") }
    if let batchSize, batchSize < 1 {
      throw ValidationError("--batch-size takes a whole number from 1")
    }
    if data == nil {
      let needing: [(String, Bool)] = [
        ("--test-data", testData != nil), ("--x", !x.isEmpty), ("--y", !y.isEmpty),
        ("--sample-weight", !sampleWeight.isEmpty), ("--split", split != .automatic), ("--limit", limit != nil), ("--scale", scale != nil),
        ("--mean", mean != nil), ("--std", std != nil), ("--preprocess", preprocess != nil),
        ("--labels", labels != .auto),
        ("--batch-size", batchSize != nil),
      ]
      if let (option, _) = needing.first(where: \.1) {
        throw ValidationError("\(option) is about data: name them with --data")
      }
    }
    for (option, file) in [("--data", data), ("--test-data", testData)] where file == "-" {
      throw ValidationError("\(option) -: data are looked at in any order, which a stream cannot give. Name a file")
    }
    _ = try options(layout: nil)
  }

  /// The options as Datasets takes them.
  func options(layout: DataOptions.Layout?) throws -> DataOptions {
    var options = DataOptions()
    options.x = x.map { ArrayName($0) }
    options.y = y.map { ArrayName($0) }
    options.sampleWeights = sampleWeight
    options.testFile = testData
    options.split = split
    options.limit = limit
    if let scale {
      guard let factor = ValueScale(scale) else {
        throw ValidationError("--scale \(scale): give a factor such as 0.5 or 1/255")
      }
      options.scale = factor
    }
    options.mean = try numbers(mean, "--mean")
    options.deviation = try numbers(std, "--std")
    options.preprocessing = preprocess
    options.layout = layout
    options.labels = labels
    return options
  }

  private func numbers(_ text: String?, _ option: String) throws -> [Float] {
    guard let text else { return [] }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Float($0) }.filter(\.isFinite)
    guard numbers.count == parts.count else {
      throw ValidationError("\(option) \(text): give numbers with commas between them")
    }
    return numbers
  }
}

extension DataOptions.Split: ExpressibleByArgument {}
extension DataOptions.Preprocessing: ExpressibleByArgument {}
extension DataOptions.Labels: ExpressibleByArgument {}
