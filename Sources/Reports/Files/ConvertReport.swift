import JSON

/// What `unpack` or `convert` wrote: schemas `coppice.unpack/1` and `coppice.convert/1`, which have
/// the same fields.
public struct ConvertReport: Sendable, Equatable {
  public enum Command: String, Sendable { case unpack, convert }

  public var command: Command
  public var input: FileFacts
  /// nil when nothing was written (`--dry-run`).
  public var output: FileFacts?
  /// What a dry run would write, and in how many bytes, where that can be told without writing.
  public var planned: Planned?
  public var tensors: Int
  /// The output is the packed file's original, byte for byte.
  public var bytesExact: Bool
  /// nil where `--values` was not given.
  public var values: ValuesReport?
  /// nil where no data were given.
  public var metrics: PackedMetrics?
  /// What the output's container could not hold, and everything else a person should know.
  public var notes: [String] = []
  /// Wall time.
  public var seconds: Double

  public init(
    command: Command, input: FileFacts, output: FileFacts?, tensors: Int,
    bytesExact: Bool = false, seconds: Double
  ) {
    self.command = command
    self.input = input
    self.output = output
    self.tensors = tensors
    self.bytesExact = bytesExact
    self.seconds = seconds
  }

  public struct Planned: Sendable, Equatable {
    public var container: String
    public var bytes: Int?
    public init(container: String, bytes: Int?) {
      self.container = container
      self.bytes = bytes
    }
  }

  public var schema: String { "coppice.\(command.rawValue)/1" }

  public var json: JSON.Value {
    var object = JSON.Object([
      ("schema", .string(schema)), ("file", .string(input.file)), ("input", input.json),
      ("output", output?.json ?? .null), ("tensors", .integer(tensors)),
      ("bytes_exact", .bool(bytesExact)), ("seconds", .optional(seconds)),
    ])
    if let planned {
      object["planned"] = [
        "container": .string(planned.container), "bytes": .optional(planned.bytes),
      ]
    }
    if let values { object["values"] = values.json }
    if let metrics { object["metrics"] = metrics.json }
    if !notes.isEmpty { object["notes"] = .strings(notes) }
    return .object(object)
  }

  /// One record.
  public var csv: CSV {
    var csv = CSV(columns: [
      "file", "container", "bytes", "output", "output_container", "output_bytes", "tensors",
      "bytes_exact",
    ])
    csv.add([
      .text(input.file), .text(input.container), .integer(input.bytes), .optional(output?.file),
      .optional(output?.container), .optional(output?.bytes), .integer(tensors),
      .boolean(bytesExact),
    ])
    return csv
  }
}

extension ConvertReport: Report {
  public func text(width: Int?, color: Bool) -> String {
    headline(line, nil, width: width, color: color)
      + (metrics.map { "\n" + $0.text(width: width, color: color) } ?? "")
      + (values.map { "\n" + $0.text(width: width, color: color) } ?? "")
      + notes.map { noteText($0, width: width, color: color) }.joined()
  }

  public var line: String {
    let from = "\(visible(input.file)) (\(input.container), \(byteSize(input.bytes)))"
    guard let output else {
      guard let planned else { return "\(from): nothing written" }
      let size = planned.bytes.map { ", \(byteSize($0))" } ?? ""
      return
        "\(from) would become \(planned.container)\(size), \(counted(tensors, "tensor")); nothing written"
    }
    let exact = bytesExact ? ", the very bytes that were packed" : ""
    return "\(from) → \(visible(output.file)) (\(output.container), \(byteSize(output.bytes))), "
      + "\(counted(tensors, "tensor"))\(exact), \(duration(seconds))"
  }
}
