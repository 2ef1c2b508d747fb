/// Columns over a logarithmic axis of magnitudes.
struct HistogramChart: Chart {
  var heading: String
  /// Bins whose lower end is 0 are drawn as wide as their neighbour.
  var bins: [MagnitudeHistogram.Bin]
  /// Elements that are in no bin, in words: zeros would dwarf every column.
  var aside: String
  var axisTitle: String

  let height = 330.0

  func drawing(width: Double) -> SVG {
    var svg = SVG()
    svg.words(heading, x: 0, y: 14, class: "heading")
    if !aside.isEmpty { svg.words(aside, x: width, y: 14, class: "muted", anchor: .end) }
    let most = bins.reduce(0) { max($0, $1.count) }
    guard most > 0, let last = bins.last, let lowest = bins.map(\.from).first(where: { $0 > 0 })
    else {
      svg.words("nothing but zeros", x: 0, y: 44, class: "muted")
      return svg
    }
    let ticks = roundTicks(upTo: Double(most))
    let left = 12 + 6.6 * Double(ticks.reduce(1) { max($0, tickWords($1).count) })
    let top = 36.0
    let bottom = height - 46
    let y = Scale(domain: 0...(ticks.last ?? 1), range: (bottom, top))
    let start = bins.first.map { $0.from > 0 ? $0.from : $0.to / 2 } ?? lowest
    let x = Scale(
      domain: min(start, lowest)...last.to, range: (left, width - 8), isLogarithmic: true)

    for tick in ticks {
      let place = y.position(tick)
      svg.line(x1: left, y1: place, x2: width, y2: place, class: tick == 0 ? "axis" : "grid")
      svg.words(tickWords(tick), x: left - 8, y: place + 4, class: "small", anchor: .end)
    }
    for bin in bins {
      let from = x.position(bin.from > 0 ? bin.from : x.domain.lowerBound)
      let to = x.position(bin.to)
      let place = y.position(Double(bin.count))
      svg.open("g", ["class": "row"])
      svg.element(
        "title", [:],
        "\(significant(bin.from, digits: 3)) to \(significant(bin.to, digits: 3)): \(counted(bin.count, "weight"))"
      )
      svg.rectangle(
        x: from + 0.75, y: place, width: max(to - from - 1.5, 1), height: bottom - place,
        radius: 1.5, class: "s0")
      svg.close("g")
    }
    for tick in powersOfTen(in: x.domain) {
      let place = x.position(tick)
      svg.line(x1: place, y1: bottom, x2: place, y2: bottom + 5, class: "axis")
      svg.words(significant(tick), x: place, y: bottom + 19, class: "small", anchor: .middle)
    }
    svg.words(
      axisTitle, x: (left + width) / 2, y: bottom + 40, class: "small", anchor: .middle)
    return svg
  }

  private func tickWords(_ value: Double) -> String { grouped(Int(value.rounded())) }
}
