import Documents
import Files
import Keras
import Reports

extension ReportOptions {
  /// Whether somebody will read the report's fields, so that digests are worth their time.
  var wantsDigests: Bool { json || report != nil }

  /// The input as a report names it.
  func facts(of opened: OpenedModel, file: String) throws -> FileFacts {
    FileFacts(
      file: Inputs.shown(file), container: opened.storedAs.rawValue, bytes: opened.file.count,
      sha256: wantsDigests ? try Self.digest(of: opened.file) : nil)
  }

  /// The output as a report names it; nil where nothing was written.
  func facts(of receipt: Delivery.Receipt) throws -> FileFacts? {
    guard !receipt.file.isEmpty, let bytes = receipt.bytes else { return nil }
    let isFile = receipt.file != "-"
    return FileFacts(
      file: receipt.file, container: receipt.kind.rawValue, bytes: bytes,
      sha256: wantsDigests && isFile
        ? try Self.digest(of: MappedFile(path: receipt.file)) : nil)
  }

  private static func digest(of file: MappedFile) throws -> String {
    try ByteProgress.showing("hashing", file.count) { try SHA256.hexadecimal(of: file) }
  }

  /// What a dry run says of conditions that only training could tell; nil where there are none.
  var unknownNote: String? {
    let named = require.filter { [.accuracy, .loss].contains($0.metric) }
      .map { "'\($0.argumentText)'" }
    guard !named.isEmpty else { return nil }
    return "--require \(named.joined(separator: ", ")): what training comes to is not known before it."
  }

  /// Checks what is required of an output: its size, and what was `measured` of it.
  func check(
    _ receipt: Delivery.Receipt, of input: Int, sparsity: (pruned: Int, of: Int)? = nil,
    measured: [Requirement.Metric: Double] = [:], isTrained: Bool = true, file: String
  )
    throws
  {
    guard !require.isEmpty else { return }
    let unknown: Set<Requirement.Metric> = isTrained ? [] : [.accuracy, .loss]
    var values = measured
    if let bytes = receipt.bytes {
      values[.bytes] = Double(bytes)
      values[.ratio] = Double(input) / Double(max(1, bytes))
    }
    if let sparsity { values[.sparsity] = Double(sparsity.pruned) / Double(max(1, sparsity.of)) }
    try check(values, weights: sparsity?.of, unknown: unknown, file: file)
  }
}
