import JSON

/// What packing would give, worked out without writing anything (`--estimate [S]`).
public struct PackingEstimate: Sendable, Equatable {
  /// The sparsity that the weights would be pruned to first; nil: as they are.
  public var sparsity: Double?
  /// Size of the whole `.csrm`.
  public var bytes: Int

  public init(sparsity: Double? = nil, bytes: Int) {
    self.sparsity = sparsity
    self.bytes = bytes
  }

  /// How many times smaller than the file of `input` bytes.
  func ratio(to input: Int) -> Double? { share(input, of: bytes) }

  func json(input: Int) -> JSON.Value {
    [
      "sparsity": .optional(sparsity), "bytes": .integer(bytes),
      "ratio": .optional(ratio(to: input)),
    ]
  }

  func words(input: Int) -> String {
    let how = sparsity.map { "pruned to \(percent($0)) and packed" } ?? "packed as it is"
    return
      "\(how): \(byteSize(bytes)) (\(grouped(bytes)) bytes), \(factor(ratio(to: input))) smaller"
  }
}
