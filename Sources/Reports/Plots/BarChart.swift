/// A bar for each name, from the top to the bottom, however many there are: names on the left, bars
/// on one scale, the value in words on the right. With several series a name has a bar for each.
struct BarChart: Chart {
  struct Bar: Sendable {
    var name: String
    /// One for each series; nil draws nothing.
    var values: [Double?]
    /// The values in words, one for each series.
    var words: [String]
    /// Smaller, after the words.
    var detail: String
  }

  /// Names of the series; a legend is drawn when there is more than one, or a mark.
  var series: [String]
  /// The classes that colour them.
  var colors: [String]
  var bars: [Bar]
  /// Values at which a line goes through all bars, with its words for the legend.
  var mark: (value: Double, words: String)?
  /// The ticks; the last one ends the scale.
  var ticks: [Double]
  var tickWords: @Sendable (Double) -> String
  var axisTitle: String
  /// Said in place of the bars when there are none.
  var emptyWords: String

  private static let axisHeight = 24.0
  private static let characterWidth = 6.95
  private static let longestName = 42

  private var hasLegend: Bool { series.count > 1 || mark != nil }
  private var isGrouped: Bool { series.count > 1 }
  private var thickness: Double { isGrouped ? 13 : 14 }
  private var pitch: Double {
    Double(max(series.count, 1)) * thickness + (isGrouped ? 12 : 8)
  }
  private var top: Double {
    (hasLegend ? legend.height(width: Figure.innerWidth) + 14 : 0) + Self.axisHeight + 14
  }

  var height: Double {
    bars.isEmpty ? 40 : top + Double(bars.count) * pitch + Self.axisHeight
  }

  func drawing(width: Double) -> SVG {
    var svg = SVG()
    guard !bars.isEmpty, let end = ticks.last else {
      svg.words(emptyWords, x: 0, y: 24, class: "muted")
      return svg
    }
    let names = bars.map { elided(visible($0.name), to: Self.longestName) }
    let nameWidth = Double(names.reduce(10) { max($0, displayWidth($1)) }) * Self.characterWidth
    let valueWidth = Double(bars.flatMap(\.words).reduce(0) { max($0, displayWidth($1)) }) * 7.2
    let detailWidth = Double(bars.reduce(0) { max($0, displayWidth($1.detail)) }) * 6.3
    let right = width - valueWidth - detailWidth - 26
    let scale = Scale(domain: 0...end, range: (nameWidth + 12, right))

    if hasLegend { legend.draw(into: &svg, y: 0, width: width) }
    let bottom = top + Double(bars.count) * pitch
    drawAxis(into: &svg, scale: scale, bottom: bottom)
    for (index, bar) in bars.enumerated() {
      draw(
        bar, name: names[index], y: top + Double(index) * pitch, scale: scale,
        valueEnd: right + 14 + valueWidth, into: &svg)
    }
    if let mark {
      let x = scale.position(mark.value)
      svg.line(x1: x, y1: top - 6, x2: x, y2: bottom + 2, class: "mark")
    }
    return svg
  }

  private var legend: Legend {
    var entries: [(Legend.Sample, String)] = []
    if series.count > 1 {
      for (name, color) in zip(series, colors) { entries.append((.fill(color), name)) }
    }
    if let mark { entries.append((.dashes, mark.words)) }
    return Legend(entries: entries)
  }

  private func drawAxis(into svg: inout SVG, scale: Scale, bottom: Double) {
    for tick in ticks {
      let x = scale.position(tick)
      svg.line(x1: x, y1: top - 8, x2: x, y2: bottom + 4, class: tick == 0 ? "axis" : "grid")
      svg.words(tickWords(tick), x: x, y: top - 14, class: "small", anchor: .middle)
      // A long chart is read in pieces: the scale stands at both ends.
      svg.words(tickWords(tick), x: x, y: bottom + 18, class: "small", anchor: .middle)
    }
    svg.words(axisTitle, x: scale.range.from - 26, y: top - 14, class: "small", anchor: .end)
  }

  private func draw(
    _ bar: Bar, name: String, y: Double, scale: Scale, valueEnd: Double, into svg: inout SVG
  ) {
    let middle = y + 4 + Double(series.count) * thickness / 2 + 4.2
    let summary = isGrouped ? zip(series, bar.words).map { "\($0) \($1)" } : bar.words
    svg.open("g", ["class": "row"])
    svg.element(
      "title", [:],
      "\(bar.name): " + (summary + [bar.detail]).filter { !$0.isEmpty }.joined(separator: ", "))
    svg.words(name, x: scale.range.from - 12, y: middle, class: "name", anchor: .end)
    for (index, value) in bar.values.enumerated() {
      let place = y + 4 + Double(index) * thickness
      let thick = isGrouped ? thickness - 2 : thickness
      svg.rectangle(
        x: scale.range.from, y: place, width: scale.range.to - scale.range.from, height: thick,
        radius: 2.5, class: "track")
      svg.words(
        bar.words[index], x: valueEnd, y: place + thick / 2 + 4.2,
        class: isGrouped ? "small" : "value", anchor: .end)
      guard let value, value > 0 else { continue }
      // What is there is seen, however little.
      let length = max(scale.position(value) - scale.range.from, 1)
      svg.rectangle(
        x: scale.range.from, y: place, width: length, height: thick, radius: min(2.5, length / 2),
        class: colors[index])
    }
    if !bar.detail.isEmpty { svg.words(bar.detail, x: valueEnd + 12, y: middle, class: "muted") }
    svg.close("g")
  }
}
