import JSON

/// What packing would give, worked out without writing anything (`--estimate [S]`).
public struct PackingEstimate: Sendable, Equatable {
  /// The sparsity that the weights would be pruned to first; nil: as they are.
  public var sparsity: Double?
  /// Size of the whole `.csrm`.
  public var bytes: Int
  /// The same at other levels than the default one.
  public var levels: [Level]

  public struct Level: Sendable, Equatable {
    /// As `--level` takes it.
    public var name: String
    public var bytes: Int

    public init(name: String, bytes: Int) {
      self.name = name
      self.bytes = bytes
    }
  }

  public init(sparsity: Double? = nil, bytes: Int, levels: [Level] = []) {
    self.sparsity = sparsity
    self.bytes = bytes
    self.levels = levels
  }

  /// How many times smaller than the file of `input` bytes.
  func ratio(to input: Int) -> Double? { share(input, of: bytes) }

  func json(input: Int) -> JSON.Value {
    [
      "sparsity": .optional(sparsity), "bytes": .integer(bytes),
      "ratio": .optional(ratio(to: input)),
      "levels": .object(JSON.Object(levels.map { ($0.name, JSON.Value.integer($0.bytes)) })),
    ]
  }

  func words(input: Int) -> String {
    let how = sparsity.map { "pruned to \(percent($0)) and packed" } ?? "packed as it is"
    let sizes = levels.map { "\($0.name) \(byteSize($0.bytes))" }.joined(separator: ", ")
    let others = sizes.isEmpty ? "" : "; at --level \(sizes)"
    return
      "\(how): \(byteSize(bytes)) (\(grouped(bytes)) bytes), \(factor(ratio(to: input))) smaller\(others)"
  }
}
