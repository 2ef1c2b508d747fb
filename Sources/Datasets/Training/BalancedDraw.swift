extension DataPart {
  /// Up to `each` of `rows` of every class of the first target, drawn by `seed`, in the order of the
  /// part: all of a class that has no more. Nil where the target is not one class a row.
  ///
  /// - Parameter rows: nil for all rows of the part.
  ///
  /// Throws `DataError.badValue` where labels are not what they claim.
  public func balancedRows(_ each: Int, among rows: [Int]? = nil, seed: UInt64) throws(DataError)
    -> [Int]?
  {
    guard let byClass = try rowsByClass(among: rows) else { return nil }
    return byClass.flatMap { group in
      let stream = CounterStream(seed, UInt64(bitPattern: Int64(group.number)), 2)
      let drawn = RowMap.drawn(
        min(each, group.rows.count), of: group.rows.count, seed: stream.bits(at: 0)
      ).drawn
      return drawn.map { group.rows[$0] }
    }.sorted()
  }

  /// How many classes of the first target there are rows of; nil where it is not one class a row.
  public func classCount(among rows: [Int]? = nil) throws(DataError) -> Int? {
    try rowsByClass(among: rows)?.count
  }

  private func rowsByClass(among rows: [Int]?) throws(DataError) -> [(number: Int32, rows: [Int])]?
  {
    guard let target = targets.first, target.positions == 1,
      target.hasClasses || target.width > 1
    else { return nil }
    let rows = rows ?? Array(0..<count)
    var classes = [Int32](repeating: 0, count: rows.count)
    do {
      try classes.withUnsafeMutableBufferPointer { (room) throws(DataError) in
        if let start = room.baseAddress { try readClasses(rows, target: 0, into: start) }
      }
    } catch {
      // Values of a regression are no classes.
      if target.hasClasses { throw error }
      return nil
    }
    return Dictionary(grouping: rows.indices) { classes[$0] }.sorted { $0.key < $1.key }
      .map { ($0.key, $0.value.map { rows[$0] }) }
  }
}
