/// Rows kept for validation, and those left for training: both in the order of the data.
public struct RowSplit: Sendable, Equatable {
  public let training: [Int]
  public let validation: [Int]

  /// Draws `wanted` of `count` rows by `seed`. With `classes` (one a row), each class gives its share
  /// of them as nearly as whole rows allow: rounded down first, then one more where the rest is
  /// largest, the lower class first.
  public init(_ wanted: Int, of count: Int, seed: UInt64, classes: [Int32]? = nil) {
    precondition((0...count).contains(wanted) && classes.map { $0.count == count } ?? true)
    guard let classes, count > 0 else {
      let (drawn, rest) = RowMap.drawn(wanted, of: count, seed: seed)
      (training, validation) = (rest, drawn)
      return
    }
    let byClass = Dictionary(grouping: 0..<count) { classes[$0] }.sorted { $0.key < $1.key }
    // wanted·rows ÷ count in whole numbers, so that no rounding of floats decides.
    var quotas = byClass.map { group in
      let (whole, rest) = count.dividingFullWidth(wanted.multipliedFullWidth(by: group.value.count))
      return (quota: whole, rest: rest)
    }
    let missing = wanted - quotas.reduce(0) { $0 + $1.quota }
    let byRest = quotas.indices.sorted {
      (quotas[$1].rest, $0) < (quotas[$0].rest, $1)
    }
    for place in byRest.prefix(missing) { quotas[place].quota += 1 }
    var isDrawn = [Bool](repeating: false, count: count)
    for (group, quota) in zip(byClass, quotas) {
      let seed = CounterStream(seed, UInt64(bitPattern: Int64(group.key)), 1).bits(at: 0)
      let drawn = RowMap.drawn(quota.quota, of: group.value.count, seed: seed).drawn
      for place in drawn { isDrawn[group.value[place]] = true }
    }
    validation = isDrawn.indices.filter { isDrawn[$0] }
    training = isDrawn.indices.filter { !isDrawn[$0] }
  }
}
