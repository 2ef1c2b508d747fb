/// What the bytes of a tensor say: where the non-zeros are, what they are, and what the coder or the
/// levels need beside.
public struct StoredSplit: Sendable, Equatable {
  /// Bytes that say where non-zeros are. Where an encoding does not tell them apart from the others,
  /// N·H2(n/N) bits are taken for them: what a coder takes that knows only how many there are.
  public var mask: Double
  /// Bytes that say what they are.
  public var values: Double
  /// Bytes of tables, scales and codebooks, which lie in the directory.
  public var side: Int

  public static let none = StoredSplit(mask: 0, values: 0, side: 0)

  public init(mask: Double, values: Double, side: Int) {
    self.mask = mask
    self.values = values
    self.side = side
  }

  /// Of so many stored bytes, of which `mask` say where the non-zeros are.
  init(mask: Double, stored: Int, side: Int) {
    self.mask = min(mask, Double(stored))
    values = Double(stored) - self.mask
    self.side = side
  }

  /// Bytes that say where the non-zeros are.
  static func mask(_ coding: (any TensorCoding)?, _ geometry: Geometry, nonzeros: Int) -> Double {
    coding?.maskBytes(of: geometry, nonzeros: nonzeros).map { Double($0) }
      ?? Entropy.information([nonzeros, geometry.count - nonzeros]) / 8
  }

  public static func + (a: StoredSplit, b: StoredSplit) -> StoredSplit {
    StoredSplit(mask: a.mask + b.mask, values: a.values + b.values, side: a.side + b.side)
  }
}

extension Entry {
  /// What its stored bytes say.
  public var split: StoredSplit {
    StoredSplit(
      mask: StoredSplit.mask(
        plane?.coding ?? encoding.coding, plane?.entry.geometry ?? geometry, nonzeros: nonzeros),
      stored: storedBytes, side: parameters.count)
  }

  /// How its elements are stored, in words: `bitmask`, or for levels also how they lie:
  /// `levels in fields`.
  public var encodingName: String {
    plane.map { "\(encoding) in \($0.coding.name)" } ?? "\(encoding)"
  }

  /// How values were rounded, with the number of levels: `codebook:16`.
  public var precisionName: String {
    rounding?.name(levels: plane?.map.span?.count) ?? "precision \(precision)"
  }
}

extension Precision {
  /// `codebook:16`, `rd of 9 levels`; of the others their name alone.
  func name(levels: Int?) -> String {
    guard let levels else { return description }
    switch self {
    case .codebook: return "\(self):\(levels)"
    case .rateDistortion: return "\(self) of \(levels) levels"
    default: return description
    }
  }
}
