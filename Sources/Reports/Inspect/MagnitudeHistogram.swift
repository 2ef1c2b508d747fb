import JSON

/// How many weights there are of each size |w|.
public struct MagnitudeHistogram: Sendable, Equatable {
  /// Magnitudes from `from` up to, not including, `to`.
  public struct Bin: Sendable, Equatable {
    public var from: Double
    public var to: Double
    public var count: Int

    public init(from: Double, to: Double, count: Int) {
      self.from = from
      self.to = to
      self.count = count
    }
  }

  /// Elements that are ±0.
  public var zeros: Int
  /// NaN and infinite ones.
  public var nonfinite: Int
  /// Rising, without gaps.
  public var bins: [Bin]

  public init(zeros: Int, nonfinite: Int, bins: [Bin]) {
    self.zeros = zeros
    self.nonfinite = nonfinite
    self.bins = bins
  }

  var total: Int { zeros + nonfinite + bins.reduce(0) { $0 + $1.count } }

  /// The bins between the outermost that are not empty. When they are more than `limit`, the ones
  /// at the small end are one bin: nobody looks there, and a few subnormals would make the plot
  /// unreadable.
  func shown(atMost limit: Int) -> [Bin] {
    guard let first = bins.firstIndex(where: { $0.count > 0 }),
      let last = bins.lastIndex(where: { $0.count > 0 })
    else { return [] }
    var shown = Array(bins[first...last])
    let excess = shown.count - max(limit, 1)
    if excess > 0 {
      let low = shown[...excess]
      shown.replaceSubrange(
        ...excess,
        with: [Bin(from: 0, to: shown[excess].to, count: low.reduce(0) { $0 + $1.count })])
    }
    return shown
  }

  var json: JSON.Value {
    [
      "zeros": .integer(zeros), "nonfinite": .integer(nonfinite),
      "bins": .array(
        bins.map { ["from": .double($0.from), "to": .double($0.to), "count": .integer($0.count)] }),
    ]
  }

  /// A table with a bar for each bin.
  func table(width: Int?) -> Table {
    var table = Table(columns: [
      .number("|w| from"), .number("to"), .number("weights"), .number("share"), .word("", rank: 1),
    ])
    let bins = shown(atMost: 40)
    let most = max(bins.reduce(1) { max($0, $1.count) }, zeros)
    let room = max(min((width ?? 80) - 50, 60), 10)
    func add(_ from: Table.Cell, _ to: Table.Cell, _ count: Int, _ paint: Paint) {
      table.add([
        from, to, Table.Cell(grouped(count)), Table.Cell(percent(share(count, of: total))),
        Table.Cell(bar(Double(count) / Double(most), width: room), paint),
      ])
    }
    if zeros > 0 { add("0", "0", zeros, .dim) }
    for bin in bins {
      add(
        Table.Cell(significant(bin.from, digits: 3)), Table.Cell(significant(bin.to, digits: 3)),
        bin.count, .accent)
    }
    if nonfinite > 0 { add("nan, inf", "", nonfinite, .bad) }
    return table
  }
}
