import JSON

/// One model stored in several ways, how small and how fast: schema `coppice.bench-size/1`.
public struct BenchSizeReport: Sendable, Equatable {
  public static let schema = "coppice.bench-size/1"

  /// One way to store it.
  public struct Row: Sendable, Equatable {
    /// Of what is in a `.csrm`: stored tensors; names, attributes, configuration and other parts;
    /// directory, header and footer.
    public struct Parts: Sendable, Equatable {
      public var tensors: Int
      public var document: Int
      public var directory: Int

      public init(tensors: Int, document: Int, directory: Int) {
        self.tensors = tensors
        self.document = document
        self.directory = directory
      }
    }

    /// What rounding did to the weights: by how much one was changed at most, and on average.
    public struct Rounding: Sendable, Equatable {
      public var largestError: Double
      public var meanError: Double

      public init(largestError: Double, meanError: Double) {
        self.largestError = largestError
        self.meanError = meanError
      }
    }

    /// As `--only` or `--values` has it.
    public var name: String
    public var title: String
    public var bytes: Int
    /// From file to file; the median of the rounds.
    public var packSeconds: Double
    public var unpackSeconds: Double
    /// From the file into memory, where that can be measured.
    public var readSeconds: Double?
    /// Whether names, attributes and configuration are left out of `bytes`.
    public var holdsTensorsAlone: Bool
    /// Set for `.csrm`.
    public var parts: Parts?
    /// Set where weights were rounded: what comes back is not what went in.
    public var rounding: Rounding?

    /// Whether this holds all that the file did, to the bit.
    var isWhole: Bool { !holdsTensorsAlone && rounding == nil }

    /// Bytes of the tensors among `bytes`; nil where that cannot be told.
    var tensorBytes: Int? { holdsTensorsAlone ? bytes : parts?.tensors }

    public init(
      name: String, title: String, bytes: Int, packSeconds: Double, unpackSeconds: Double,
      readSeconds: Double? = nil, holdsTensorsAlone: Bool = false, parts: Parts? = nil,
      rounding: Rounding? = nil
    ) {
      self.name = name
      self.title = title
      self.bytes = bytes
      self.packSeconds = packSeconds
      self.unpackSeconds = unpackSeconds
      self.readSeconds = readSeconds
      self.holdsTensorsAlone = holdsTensorsAlone
      self.parts = parts
      self.rounding = rounding
    }
  }

  /// A way that could not be measured: its program is not installed, or failed.
  public struct LeftOut: Sendable, Equatable {
    public var name: String
    public var reason: String

    public init(name: String, reason: String) {
      self.name = name
      self.reason = reason
    }
  }

  /// Measured as if pruned.
  public struct Sparsity: Sendable, Equatable {
    public var target: Double
    public var achieved: Double

    public init(target: Double, achieved: Double) {
      self.target = target
      self.achieved = achieved
    }
  }

  public var file: String
  /// What the file is, and its bytes.
  public var container: String
  public var bytes: Int
  /// The file that all were given: the container, without packing.
  public var plainBytes: Int
  /// All tensors, decoded. Rates are by these.
  public var decodedBytes: Int
  /// The zeroth-order limit of all tensors of floats, in bytes.
  public var limit: Double
  public var rounds: Int
  public var threads: Int
  public var rows: [Row]
  public var leftOut: [LeftOut]
  public var sparsity: Sparsity?
  public var notes: [String] = []

  public init(
    file: String, container: String, bytes: Int, plainBytes: Int, decodedBytes: Int, limit: Double,
    rounds: Int, threads: Int, rows: [Row], leftOut: [LeftOut] = []
  ) {
    self.file = file
    self.container = container
    self.bytes = bytes
    self.plainBytes = plainBytes
    self.decodedBytes = decodedBytes
    self.limit = limit
    self.rounds = rounds
    self.threads = threads
    self.rows = rows
    self.leftOut = leftOut
  }

  /// `bytes` ÷ the limit; nil where there is no tensor of floats.
  func ratioToLimit(_ bytes: Int) -> Double? { limit > 0 ? Double(bytes) / limit : nil }

  /// Decoded bytes a second.
  func rate(_ seconds: Double) -> Double? { seconds > 0 ? Double(decodedBytes) / seconds : nil }

  public var json: JSON.Value {
    var object = JSON.Object([
      ("schema", .string(Self.schema)), ("file", .string(file)), ("container", .string(container)),
      ("bytes", .integer(bytes)),
      (
        "sparsity",
        sparsity.map { ["target": .double($0.target), "achieved": .double($0.achieved)] } ?? .null
      ),
      ("plain_bytes", .integer(plainBytes)), ("decoded_bytes", .integer(decodedBytes)),
      ("limit_bytes", .optional(limit)), ("rounds", .integer(rounds)),
      ("threads", .integer(threads)), ("rows", .array(rows.map(json))),
      (
        "left_out",
        .array(leftOut.map { ["name": .string($0.name), "reason": .string($0.reason)] })
      ),
    ])
    if !notes.isEmpty { object["notes"] = .strings(notes) }
    return .object(object)
  }

  private func json(_ row: Row) -> JSON.Value {
    [
      "name": .string(row.name), "title": .string(row.title), "bytes": .integer(row.bytes),
      "ratio_to_limit": .optional(ratioToLimit(row.bytes)),
      "tensors_only": .bool(row.holdsTensorsAlone),
      "tensor_bytes": .optional(row.tensorBytes),
      "document_bytes": .optional(row.parts?.document),
      "directory_bytes": .optional(row.parts?.directory),
      "pack_seconds": .double(row.packSeconds), "unpack_seconds": .double(row.unpackSeconds),
      "pack_bytes_per_second": .optional(rate(row.packSeconds)),
      "unpack_bytes_per_second": .optional(rate(row.unpackSeconds)),
      "read_seconds": .optional(row.readSeconds),
      "read_bytes_per_second": .optional(row.readSeconds.flatMap(rate)),
      "largest_error": .optional(row.rounding?.largestError),
      "mean_error": .optional(row.rounding?.meanError),
    ]
  }

  /// One record a way.
  public var csv: CSV {
    var csv = CSV(columns: [
      "file", "sparsity", "limit_bytes", "plain_bytes", "decoded_bytes", "name", "bytes",
      "ratio_to_limit", "tensors_only", "tensor_bytes", "document_bytes", "directory_bytes", "pack_seconds",
      "unpack_seconds", "pack_bytes_per_second", "unpack_bytes_per_second", "read_seconds",
      "read_bytes_per_second", "largest_error", "mean_error",
    ])
    for row in rows {
      csv.add([
        .text(file), .optional(sparsity?.achieved), .number(limit), .integer(plainBytes),
        .integer(decodedBytes), .text(row.name), .integer(row.bytes),
        .optional(ratioToLimit(row.bytes)), .boolean(row.holdsTensorsAlone),
        .optional(row.tensorBytes),
        .optional(row.parts?.document), .optional(row.parts?.directory), .number(row.packSeconds),
        .number(row.unpackSeconds), .optional(rate(row.packSeconds)),
        .optional(rate(row.unpackSeconds)), .optional(row.readSeconds),
        .optional(row.readSeconds.flatMap(rate)), .optional(row.rounding?.largestError),
        .optional(row.rounding?.meanError),
      ])
    }
    return csv
  }
}
