/// Which columns of a table are shown, and how wide each is.
struct TableLayout {
  /// Indices into the table's columns, in their order.
  private(set) var columns: [Int]
  /// Columns of the terminal, for each of `columns`.
  private(set) var widths: [Int]

  static let gap = 2

  var width: Int { widths.reduce(0, +) + Self.gap * max(widths.count - 1, 0) }

  /// Fits `table` into `width` columns (nil: any width). What cannot fit even with the least widths
  /// overflows; the terminal then wraps it.
  init(of table: Table, width: Int?) {
    columns = Array(table.columns.indices)
    let natural = table.columns.indices.map { index in
      (table.rows + table.totals).reduce(displayWidth(table.columns[index].title)) {
        max($0, displayWidth($1[index].text))
      }
    }
    widths = natural
    guard let width else { return }

    func needed(elidingNames: Bool) -> Int {
      columns.reduce(Self.gap * max(columns.count - 1, 0)) { sum, index in
        let comfortable = elidingNames ? table.columns[index].elision?.comfortable : nil
        return sum + min(natural[index], comfortable ?? natural[index])
      }
    }
    // What is only nice to have makes no name shorter.
    while needed(elidingNames: false) > width, dropLeast(of: table, above: Table.luxury) {}
    while needed(elidingNames: true) > width, dropLeast(of: table, above: 1) {}
    widths = columns.map { natural[$0] }
    // Take from the widest elidable column, one terminal column at a time, until it fits.
    while self.width > width {
      let candidates = columns.indices.filter {
        widths[$0] > table.columns[columns[$0]].elision?.least ?? .max
      }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
      widths[widest] -= 1
    }
  }

  /// Leaves out the column of the highest rank, of equals the last; false where none has `rank` or
  /// more.
  private mutating func dropLeast(of table: Table, above rank: Int) -> Bool {
    guard let highest = columns.map({ table.columns[$0].rank }).max(), highest >= rank,
      let least = columns.lastIndex(where: { table.columns[$0].rank == highest })
    else { return false }
    columns.remove(at: least)
    return true
  }

  /// One row, padded, painted, without spaces at its end.
  func line(of cells: [Table.Cell], in table: Table, color: Bool) -> String {
    var line = ""
    var owed = 0
    for (position, index) in columns.enumerated() {
      let text = elided(cells[index].text, to: widths[position])
      let padding = widths[position] - displayWidth(text)
      let isRight = table.columns[index].alignment == .right
      if isRight { owed += padding }
      if !text.isEmpty {
        line += String(repeating: " ", count: owed) + cells[index].paint(text, color: color)
        owed = 0
      }
      owed += (isRight ? 0 : padding) + Self.gap
    }
    return line + "\n"
  }
}
