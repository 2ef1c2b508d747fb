/// A table for a terminal: a title row, a rule, the rows, and, under another rule, the totals.
/// Columns are two spaces apart; there are no vertical lines.
///
/// `text` fits it into a width. Columns that matter less are left out first, then names give way in
/// their middle.
public struct Table: Sendable {
  public enum Alignment: Sendable { case left, right }
  public static let luxury = 6

  public struct Column: Sendable {
    public var title: String
    public var alignment: Alignment
    /// 0 stays always; of the others the one with the highest rank goes first, of equals the
    /// last. From `luxury` on a column is shown only where it costs no name a letter.
    public var rank: Int
    /// nil: as wide as its widest cell. Otherwise cells may be elided to `least` columns, and
    /// columns of lower importance are dropped rather than going below `comfortable`.
    public var elision: (comfortable: Int, least: Int)?

    /// A column of names, left-aligned and elidable.
    public static func name(
      _ title: String, comfortable: Int = 18, least: Int = 8, rank: Int = 0
    ) -> Column {
      Column(title: title, alignment: .left, rank: rank, elision: (comfortable, least))
    }
    /// A column of short words, left-aligned, never elided.
    public static func word(_ title: String, rank: Int = 0) -> Column {
      Column(title: title, alignment: .left, rank: rank, elision: nil)
    }
    /// A column of numbers, right-aligned, never elided.
    public static func number(_ title: String, rank: Int = 0) -> Column {
      Column(title: title, alignment: .right, rank: rank, elision: nil)
    }
  }

  public struct Cell: Sendable, ExpressibleByStringInterpolation {
    public var text: String
    public var paint: Paint?

    /// Text that came from a file is made visible here, so no caller can forget it.
    public init(_ text: String, _ paint: Paint? = nil) {
      self.text = visible(text)
      self.paint = paint
    }
    public init(stringLiteral text: String) { self.init(text) }
  }

  public private(set) var columns: [Column]
  public private(set) var rows: [[Cell]] = []
  public private(set) var totals: [[Cell]] = []

  public init(columns: [Column]) { self.columns = columns }

  /// Adds a row; `paint` is for the cells that have none of their own.
  public mutating func add(_ cells: [Cell], paint: Paint? = nil) {
    rows.append(completed(cells, paint: paint))
  }

  /// Adds a row under the second rule.
  public mutating func addTotal(_ cells: [Cell], paint: Paint? = nil) {
    totals.append(completed(cells, paint: paint))
  }

  private func completed(_ cells: [Cell], paint: Paint?) -> [Cell] {
    precondition(cells.count == columns.count, "a row has as many cells as the table has columns")
    return cells.map { Cell(alreadyVisible: $0.text, $0.paint ?? paint) }
  }

  /// The table as lines that end in a line feed. `width` nil: nothing is dropped or elided.
  public func text(width: Int?, color: Bool) -> String {
    let layout = TableLayout(of: self, width: width)
    guard !layout.columns.isEmpty else { return "" }
    var text = layout.line(of: columns.map { Cell($0.title, .bold) }, in: self, color: color)
    let rule = Paint.dim(String(repeating: "─", count: layout.width), color: color) + "\n"
    text += rule
    for row in rows { text += layout.line(of: row, in: self, color: color) }
    if !totals.isEmpty { text += rule }
    for row in totals { text += layout.line(of: row, in: self, color: color) }
    return text
  }
}

extension Table.Cell {
  fileprivate init(alreadyVisible text: String, _ paint: Paint?) {
    self.text = text
    self.paint = paint
  }
}
