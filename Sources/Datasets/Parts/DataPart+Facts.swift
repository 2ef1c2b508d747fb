import Documents

extension DataPart {
  /// The smallest and largest value as stored among the first rows.
  public struct ValueRange: Sendable, Equatable {
    public let least: Float
    public let largest: Float
    public let areWhole: Bool
    /// How many rows were looked at.
    public let rows: Int
  }

  /// The range of the stored values of an input, over its first rows: 1,000 of them, or fewer where
  /// they are large.
  public func storedRange(input index: Int) throws(DataError) -> ValueRange {
    let input = inputs[index]
    let most = max(1, (4 << 20) / max(1, input.itemCount))
    let rows = min(count, 1000, most)
    var values = [Float](repeating: 0, count: rows * input.itemCount)
    try values.withUnsafeMutableBufferPointer { (values) throws(DataError) in
      guard let start = values.baseAddress else { return }
      try self.rows.forEachRun(of: 0..<rows) { (set, run, before) throws(DataError) in
        try input.segments[set].read(
          run, isRandom: false, allowsNonfinite: input.allowsNonfinite,
          into: start + before * input.itemCount)
      }
    }
    var least = Float.infinity
    var largest = -Float.infinity
    var areWhole = true
    for value in values where value.isFinite {
      least = min(least, value)
      largest = max(largest, value)
      if value != value.rounded() { areWhole = false }
    }
    return ValueRange(least: least, largest: largest, areWhole: areWhole, rows: rows)
  }

  /// Whether an input looks like bytes of 0…255 that go into the model as they are: images that a
  /// model wants scaled, unless it does so itself or looks them up (Embedding).
  ///
  /// Told from the first rows: whole numbers from 0 to 255, of which one is over 100, in items of 64
  /// values or more or stored as bytes; and no scaling (not even by 1), preprocessing, mean or deviation
  /// was given.
  public func isUnscaledBytes(input index: Int) throws(DataError) -> Bool {
    let input = inputs[index]
    guard !input.preparation.isGiven else { return false }
    guard input.type.kind == .uint8 || input.itemCount >= 64 else { return false }
    let range = try storedRange(input: index)
    return range.areWhole && range.least >= 0 && range.largest <= 255 && range.largest > 100
  }

  /// What was understood of this part: a line for each input and target, ready to be shown.
  public func description() throws(DataError) -> [String] {
    var lines: [String] = []
    for (index, input) in inputs.enumerated() {
      let range = try storedRange(input: index)
      let extent = range.rows < count ? "first \(range.rows) rows" : "all rows"
      let adapted =
        input.itemShape == input.storedShape ? "" : ", taken as \(shapeText(input.itemShape))"
      lines.append(
        "\(name): input '\(input.name.printable())' is '\(input.arrayName.printable())', \(count) × \(shapeText(input.storedShape)) \(input.type)\(adapted), values \(numberText(range.least)) to \(numberText(range.largest)) (\(extent))"
      )
    }
    for target in targets {
      var line =
        "\(name): labels are '\(target.arrayNames[0].printable())', \(count) × \(shapeText(target.itemShape))"
      if let words = target.classNames { line += ", \(words.count) words as classes" }
      switch target.form {
      case .sparse where target.classNames == nil:
        line += ", class numbers of \(target.width) classes"
      case .dense where target.width > 1: line += ", a vector of \(target.width) for each"
      default: break
      }
      lines.append(line)
    }
    if let weightsName {
      lines.append("\(name): rows weigh what '\(weightsName.printable())' says")
    }
    return lines
  }

  private func numberText(_ value: Float) -> String {
    value == value.rounded() && abs(value) < 1e7 ? "\(Int(value))" : "\(value)"
  }
}
