import Tensors

/// What packing made, or would make.
public struct PackSummary: Sendable, Equatable {
  public struct Tensor: Sendable, Equatable {
    public var name: String
    public var type: ElementType
    public var shape: [Int]
    public var encoding: Encoding
    /// In words, with how levels lie.
    public var encodingName: String
    /// How values were rounded, with the number of levels: `codebook:16`.
    public var precision: String
    /// Bytes that say where the non-zeros are, as `StoredSplit` has them.
    var maskBytes: Double
    /// Elements.
    public var count: Int
    /// Elements of which some bit is set (so -0.0 counts).
    public var nonzeros: Int
    /// Float elements that are -0.0.
    public var negativeZeros: Int
    /// Bytes in the file, padding and directory aside.
    public var storedBytes: Int
    /// Bytes of tables and the like in the directory, before that is deflated.
    public var parameterBytes: Int
    /// Bytes less that `--canonical-zero` would store.
    public var canonicalZeroSaving: Int

    /// All that it takes to decode it: stored bytes and parameters.
    public var codedBytes: Int { storedBytes + parameterBytes }
    /// What these say.
    public var split: StoredSplit {
      StoredSplit(mask: maskBytes, stored: storedBytes, side: parameterBytes)
    }
  }

  /// In order of name. Those in a pool have their share of its bytes.
  public var tensors: [Tensor] = []
  /// Stored bytes of documents and of the description of the container.
  public var documentBytes = 0
  /// Stored bytes of the parts that are no documents.
  public var blobBytes = 0
  /// Stored bytes of what `--bytes-exact` adds.
  public var skeletonBytes = 0
  /// The directory, header and footer.
  public var directoryBytes = 0
  /// The whole file.
  public var totalBytes = 0

  public init() {}

  /// Float elements that are -0.0.
  public var negativeZeros: Int { tensors.reduce(0) { $0 + $1.negativeZeros } }
  /// Bytes less that `--canonical-zero` would store.
  public var canonicalZeroSaving: Int { tensors.reduce(0) { $0 + $1.canonicalZeroSaving } }
  /// Stored bytes of all tensors, tables and names not counted.
  public var tensorBytes: Int { tensors.reduce(0) { $0 + $1.storedBytes } }
}
