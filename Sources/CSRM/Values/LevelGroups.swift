import Tensors

/// The levels of a tensor that was rounded to a codebook or a grid: which weights share a value, so
/// that these can be trained, and which are zero.
public struct LevelGroups: Sendable {
  /// The level of each weight; 0 of zeros.
  public let levels: [Int16]
  private let precision: Precision
  private let span: LevelSpan

  init?(_ rounded: RoundedValues) throws {
    switch rounded.precision {
    case .codebook, .rateDistortion: break
    default: return nil
    }
    guard let span = rounded.map.span else { return nil }
    self.span = span
    precision = rounded.precision
    levels = try rounded.withWords(0..<rounded.count / rounded.type.size) { Array($0) }
  }

  /// How many values there are to train.
  public var values: Int { Set(levels).subtracting([0]).count }

  /// The same levels with the values that the weights have now; nil where weights that shared one do
  /// not any more, or became zero.
  public func rounded(_ tensor: RoundingInput) throws -> RoundedValues? {
    guard tensor.values.count == levels.count,
      try TensorStatistics.measure(tensor.values)?.nonfinite == 0
    else { return nil }
    var entries = [Float](repeating: 0, count: span.count + 1)
    for block in TensorBlock.all(of: [levels.count]) {
      let values = try tensor.values.doubles(block.range)
      for place in block.range {
        entries[Int(levels[place]) + span.below] = Float(values[place - block.range.lowerBound])
      }
    }
    // Levels that no weight has are left out, and the others move together.
    let used = Set(levels)
    var renumbered: [Int16: Int16] = [0: 0]
    var table: [Float] = []
    var below = 0
    for level in -span.below...span.above where level != 0 && used.contains(Int16(level)) {
      let entry = entries[level + span.below]
      guard tensor.values.type.nearest(entry) != 0 else { return nil }
      table.append(entry)
      if level < 0 { below += 1 }
      renumbered[Int16(level)] = Int16(table.count)
    }
    let words = levels.map { level -> Int16 in
      guard level != 0, let rank = renumbered[level] else { return 0 }
      return Int(rank) <= below ? rank - 1 - Int16(below) : rank - Int16(below)
    }
    let found = try RoundedValues(
      tensor, precision, CodebookMap(LevelTable(table, below: below)), words: words)
    return found.loss.isNone ? found : nil
  }
}

extension PackedFile {
  /// The levels of tensor `name`, whose values are `values`; nil where it has none that can be
  /// trained.
  public func levelGroups(_ name: String, _ values: TensorValues) throws -> LevelGroups? {
    try levelled(name, values).flatMap { try LevelGroups($0) }
  }
}
