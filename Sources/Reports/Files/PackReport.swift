import JSON

/// What `pack` wrote: schema `coppice.pack/1`.
public struct PackReport: Sendable, Equatable {
  public static let schema = "coppice.pack/1"

  public var input: FileFacts
  /// nil when nothing was written (`--dry-run`).
  public var output: FileFacts?
  /// Size of the `.csrm`, written or predicted.
  public var bytes: Int
  /// Of it, the document (groups, attributes, names) and the directory.
  public var documentBytes: Int
  public var directoryBytes: Int
  /// The file itself is kept, for `unpack` to give back to the byte.
  public var bytesExact: Bool
  /// Elements that are -0.0.
  public var negativeZeros: Int
  /// Bytes that `--canonical-zero` would save; nil where it was not worked out or not needed.
  public var canonicalZeroSaves: Int?
  public var tensors: [Tensor]
  /// nil where `--values` was not given.
  public var values: ValuesReport?
  /// nil where no data were given.
  public var metrics: PackedMetrics?
  public var notes: [String] = []
  /// Wall time.
  public var seconds: Double

  public init(
    input: FileFacts, output: FileFacts?, bytes: Int, documentBytes: Int, directoryBytes: Int,
    bytesExact: Bool = false, negativeZeros: Int = 0, canonicalZeroSaves: Int? = nil,
    tensors: [Tensor], seconds: Double
  ) {
    self.input = input
    self.output = output
    self.bytes = bytes
    self.documentBytes = documentBytes
    self.directoryBytes = directoryBytes
    self.bytesExact = bytesExact
    self.negativeZeros = negativeZeros
    self.canonicalZeroSaves = canonicalZeroSaves
    self.tensors = tensors
    self.seconds = seconds
  }

  /// One tensor as it is packed.
  public struct Tensor: Sendable, Equatable {
    public var name: String
    public var shape: [Int]
    public var dtype: String
    public var count: Int
    /// Elements that are not +0.0 bit for bit.
    public var nonzeros: Int
    public var encoding: String
    /// How values were rounded: `exact`, `codebook:16`.
    public var precision = "exact"
    /// Bytes of scales, codebooks and tables, which lie in the directory.
    public var sideBytes = 0
    /// count × element size.
    public var denseBytes: Int
    public var bytes: Int

    public init(
      name: String, shape: [Int], dtype: String, count: Int, nonzeros: Int, encoding: String,
      denseBytes: Int, bytes: Int
    ) {
      self.name = name
      self.shape = shape
      self.dtype = dtype
      self.count = count
      self.nonzeros = nonzeros
      self.encoding = encoding
      self.denseBytes = denseBytes
      self.bytes = bytes
    }

    /// Scales and codebooks included.
    var bitsPerWeight: Double? { share(bytes + sideBytes, of: count).map { $0 * 8 } }
    var sparsity: Double? { share(count - nonzeros, of: count) }
  }

  /// Input ÷ output: how many times smaller.
  public var ratio: Double? { share(input.bytes, of: bytes) }

  public var json: JSON.Value {
    var object = JSON.Object([
      ("schema", .string(Self.schema)), ("file", .string(input.file)),
      ("container", .string(input.container)), ("input", input.json),
      ("output", output?.json ?? .null), ("bytes", .integer(bytes)),
      ("ratio", .optional(ratio)), ("document_bytes", .integer(documentBytes)),
      ("directory_bytes", .integer(directoryBytes)), ("bytes_exact", .bool(bytesExact)),
      ("negative_zeros", .integer(negativeZeros)),
      ("canonical_zero_saves", .optional(canonicalZeroSaves)),
      ("tensors", .array(tensors.map(\.json))), ("seconds", .optional(seconds)),
    ])
    if let values { object["values"] = values.json }
    if let metrics { object["metrics"] = metrics.json }
    if !notes.isEmpty { object["notes"] = .strings(notes) }
    return .object(object)
  }

  /// One record a tensor.
  public var csv: CSV {
    var csv = CSV(columns: [
      "file", "name", "shape", "dtype", "count", "nonzeros", "encoding", "precision", "dense_bytes",
      "bytes", "bits_per_weight", "side_bytes",
    ])
    for tensor in tensors {
      csv.add([
        .text(input.file), .text(tensor.name), .shape(tensor.shape), .text(tensor.dtype),
        .integer(tensor.count), .integer(tensor.nonzeros), .text(tensor.encoding),
        .text(tensor.precision), .integer(tensor.denseBytes), .integer(tensor.bytes),
        .optional(tensor.bitsPerWeight),
        .integer(tensor.sideBytes),
      ])
    }
    return csv
  }
}

extension PackReport.Tensor {
  var json: JSON.Value {
    [
      "name": .string(name), "shape": .shape(shape), "dtype": .string(dtype),
      "count": .integer(count), "nonzeros": .integer(nonzeros), "encoding": .string(encoding),
      "precision": .string(precision), "dense_bytes": .integer(denseBytes),
      "bytes": .integer(bytes),
      "side_bytes": .integer(sideBytes), "bits_per_weight": .optional(bitsPerWeight),
    ]
  }
}
