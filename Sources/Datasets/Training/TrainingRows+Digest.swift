import Files

extension TrainingRows {
  /// The SHA-256 of all that is trained on, as it is stored: inputs, labels, weights.
  public func digest() throws -> String {
    var parts = inputs.map(\.bytes)
    parts += classes.compactMap { $0?.withUnsafeBytes(Array.init) }
    parts += floats.compactMap { $0?.withUnsafeBytes(Array.init) }
    parts += [weights?.withUnsafeBytes(Array.init)].compactMap { $0 }
    var all: [UInt8] = []
    for part in parts { all += Array(try SHA256.hexadecimal(of: MemoryBytes(part)).utf8) }
    return try SHA256.hexadecimal(of: MemoryBytes(all))
  }
}
