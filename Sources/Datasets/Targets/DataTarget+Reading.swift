import Documents

extension DataTarget {
  /// The stored values of items of a set as doubles.
  private func stored(
    set: Int, _ rows: Range<Int>, isRandom: Bool
  ) throws(DataError) -> [Double] {
    switch segments[set] {
    case .words(let numbers):
      return numbers[rows.lowerBound * itemCount..<rows.upperBound * itemCount].map { Double($0) }
    case .numbers(let source):
      var values = [Double](repeating: 0, count: rows.count * itemCount)
      try values.withUnsafeMutableBufferPointer { (values) throws(DataError) in
        guard let start = values.baseAddress else { return }
        try source.read(rows, isRandom: isRandom, allowsNonfinite: false, into: start)
      }
      return values
    }
  }

  /// Writes the class numbers of items of a set, `positions` an item.
  func readClasses(
    set: Int, _ rows: Range<Int>, isRandom: Bool, into classes: UnsafeMutablePointer<Int32>
  ) throws(DataError) {
    let values = try stored(set: set, rows, isRandom: isRandom)
    let perItem = max(1, positions)
    for vector in 0..<rows.count * positions {
      let row = rows.lowerBound + vector / perItem
      if form == .dense, width > 1 {
        let range = vector * width..<(vector + 1) * width
        classes[vector] = try classNumber(values[range], set: set, row: row)
      } else {
        classes[vector] = try classNumber(values[vector], set: set, row: row)
      }
    }
  }

  /// Writes the values of items of a set, `positions × width` an item: class numbers become one-hot
  /// vectors.
  func readFloats(
    set: Int, _ rows: Range<Int>, isRandom: Bool, into floats: UnsafeMutablePointer<Float>
  ) throws(DataError) {
    let values = try stored(set: set, rows, isRandom: isRandom)
    let perItem = max(1, positions)
    guard form == .sparse, width > 1 else {
      for (place, value) in values.enumerated() { floats[place] = Float(value) }
      guard labels == .oneHot, width > 1 else { return }
      for vector in 0..<rows.count * positions {
        _ = try classNumber(
          values[vector * width..<(vector + 1) * width], set: set,
          row: rows.lowerBound + vector / perItem)
      }
      return
    }
    floats.update(repeating: 0, count: values.count * width)
    for (vector, value) in values.enumerated() {
      let number = try classNumber(value, set: set, row: rows.lowerBound + vector / perItem)
      floats[vector * width + Int(number)] = 1
    }
  }

  /// A class number that was stored as such, in integers or floats.
  private func classNumber(_ value: Double, set: Int, row: Int) throws(DataError) -> Int32 {
    let classes = width == 1 ? 2 : width
    let text = value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    guard value >= 0 else {
      throw refusal("label \(text) is negative", set, row, "Classes are counted from 0.")
    }
    guard value == value.rounded() else {
      throw refusal(
        "label \(text) is no class number", set, row,
        "Classes are whole numbers; for a regression choose a loss for one.")
    }
    guard value < Double(classes) else {
      throw refusal(
        "label \(text) is out of range: the model has \(classes) classes, 0 to \(classes - 1)", set,
        row,
        value == Double(classes)
          ? "If labels are counted from 1, subtract 1." : "The model was made for other labels.")
    }
    return Int32(value)
  }

  /// The class of a one-hot vector, or of soft labels where these are allowed.
  private func classNumber(
    _ vector: ArraySlice<Double>, set: Int, row: Int
  ) throws(DataError) -> Int32 {
    var best = vector.startIndex
    var sum = 0.0
    var isHot = true
    for place in vector.indices {
      let value = vector[place]
      if value > vector[best] { best = place }
      if value != 0, value != 1 { isHot = false }
      if value < 0 { sum = .infinity }
      sum += value
    }
    let isOne = isHot ? sum == 1 : labels == .auto && abs(sum - 1) < 1e-3
    guard isOne else {
      throw refusal(
        "labels are not one-hot: \(isHot ? "\(Int(sum)) values of a vector are 1" : sum.isFinite ? "the values of a vector sum to \(sum)" : "a vector has a negative value")",
        set, row, "Store class numbers, or vectors with one 1.")
    }
    return Int32(best - vector.startIndex)
  }

  private func refusal(_ what: String, _ set: Int, _ row: Int, _ advice: String) -> DataError {
    .badValue(file: file, array: arrayNames[set], row: row, what: what, advice: advice)
  }
}
