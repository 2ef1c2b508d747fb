/// What a colour or a line of a chart means: a sample, then words, in as many rows as it takes.
struct Legend {
  enum Sample {
    case fill(String)
    case dashes

    var advance: Double {
      switch self {
      case .fill: 17
      case .dashes: 23
      }
    }
  }
  var entries: [(sample: Sample, words: String)]

  private static let rowHeight = 20.0
  private static let longest = 60

  func height(width: Double) -> Double { Double(rows(width: width).count) * Self.rowHeight }

  /// `y` is the upper edge.
  func draw(into svg: inout SVG, y: Double, width: Double) {
    for (index, row) in rows(width: width).enumerated() {
      let baseline = y + Double(index) * Self.rowHeight + 13
      for (x, entry) in row {
        switch entry.sample {
        case .fill(let name):
          svg.rectangle(x: x, y: baseline - 10, width: 11, height: 11, radius: 2.5, class: name)
        case .dashes:
          svg.line(x1: x, y1: baseline - 4, x2: x + 17, y2: baseline - 4, class: "mark")
        }
        svg.words(entry.words, x: x + entry.sample.advance, y: baseline, class: "muted")
      }
    }
  }

  private typealias Row = [(x: Double, entry: (sample: Sample, words: String))]

  private func rows(width: Double) -> [Row] {
    var rows: [Row] = []
    var x = 0.0
    for entry in entries {
      let words = elided(visible(entry.words), to: Self.longest)
      let advance = entry.sample.advance + Double(displayWidth(words)) * 6.7 + 20
      if rows.isEmpty || x + advance > width + 20 {
        rows.append([])
        x = 0
      }
      rows[rows.count - 1].append((x, (entry.sample, words)))
      x += advance
    }
    return rows
  }
}
