/// A coloured field for each row and column, with its value in words: the deeper the colour, the more
/// is lost.
struct HeatMap: Chart {
  struct Row: Sendable {
    var name: String
    /// One a column: the value (nil for what was not measured), and what is lost.
    var fields: [(value: Double?, loss: Double)]
    /// After the fields.
    var detail: String
  }

  var heading: String
  var columns: [String]
  var rows: [Row]
  /// The loss of the deepest colour; 0 and less has none.
  var most: Double
  var words: @Sendable (Double) -> String
  var columnTitle: String
  var emptyWords: String

  private static let pitch = 24.0
  private static let top = 62.0
  private static let longestName = 42
  private static let characterWidth = 6.95
  /// Words stay readable on the deepest colour.
  private static let deepest = 0.55

  var height: Double { rows.isEmpty ? 60 : Self.top + Double(rows.count) * Self.pitch + 8 }

  func drawing(width: Double) -> SVG {
    var svg = SVG()
    svg.words(heading, x: 0, y: 14, class: "heading")
    guard !rows.isEmpty, !columns.isEmpty else {
      svg.words(emptyWords, x: 0, y: 44, class: "muted")
      return svg
    }
    let names = rows.map { elided(visible($0.name), to: Self.longestName) }
    let left = Double(names.reduce(8) { max($0, displayWidth($1)) }) * Self.characterWidth + 12
    let right = width - Double(rows.reduce(0) { max($0, displayWidth($1.detail)) }) * 6.6 - 14
    let cell = (right - left) / Double(columns.count)
    svg.words(columnTitle, x: left - 12, y: Self.top - 10, class: "small", anchor: .end)
    for (column, name) in columns.enumerated() {
      svg.words(
        name, x: left + (Double(column) + 0.5) * cell, y: Self.top - 10, class: "small",
        anchor: .middle)
    }
    for (index, row) in rows.enumerated() {
      let y = Self.top + Double(index) * Self.pitch
      svg.words(names[index], x: left - 12, y: y + 16, class: "name", anchor: .end)
      for (column, (value, loss)) in row.fields.enumerated() {
        let x = left + Double(column) * cell
        svg.open("g", ["class": "row"])
        svg.element(
          "title", [:], "\(row.name), \(columns[column]): \(value.map(words) ?? "not measured")")
        svg.rectangle(
          x: x + 1, y: y + 1, width: cell - 2, height: Self.pitch - 2, radius: 2.5, class: "track")
        if value != nil, loss > 0, most > 0 {
          svg.rectangle(
            x: x + 1, y: y + 1, width: cell - 2, height: Self.pitch - 2, radius: 2.5, class: "s2",
            opacity: Self.deepest * min(loss / most, 1))
        }
        svg.words(
          value.map(words) ?? "–", x: x + cell / 2, y: y + 16, class: "cell", anchor: .middle)
        svg.close("g")
      }
      svg.words(row.detail, x: right + 12, y: y + 16, class: "muted")
    }
    return svg
  }
}
