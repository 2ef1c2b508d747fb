/// Lines through points over two linear axes, with error bars where a point has them.
struct LineChart: Chart {
  struct Point: Sendable {
    var x: Double
    var y: Double
    /// Half the length of the error bar; nil draws none.
    var error: Double?
    /// For those who point at it.
    var words: String
  }

  struct Series: Sendable {
    var name: String
    /// 0 to 5: which colour.
    var color: Int
    var points: [Point]
  }

  var heading: String
  var series: [Series]
  /// A level line through the whole chart, with its words for the legend.
  var mark: (value: Double, words: String)?
  var xTitle: String
  var yTitle: String
  var xWords: @Sendable (Double) -> String
  var yWords: @Sendable (Double) -> String
  /// The ticks of the x axis; nil for round ones.
  var xTicks: [Double]?
  /// The x axis counts: it has no ticks between whole numbers.
  var hasWholeX = false
  /// Lines go level from a point to the next one's x, and rise there.
  var isStepped = false
  var emptyWords: String

  private static let plotHeight = 300.0
  private static let headingHeight = 30.0
  private static let dodge = 3.0

  private var drawn: [Series] {
    series.map { one in
      var one = one
      one.points = one.points.filter { $0.x.isFinite && $0.y.isFinite }
      return one
    }
  }
  private var isEmpty: Bool { drawn.allSatisfy(\.points.isEmpty) }
  private var legend: Legend {
    var entries: [(Legend.Sample, String)] = series.map { (.fill("s\($0.color)"), $0.name) }
    if let mark { entries.append((.dashes, mark.words)) }
    return Legend(entries: entries)
  }

  var height: Double {
    isEmpty
      ? Self.headingHeight + 30
      : Self.headingHeight + legend.height(width: Figure.innerWidth) + Self.plotHeight + 58
  }

  func drawing(width: Double) -> SVG {
    var svg = SVG()
    svg.words(heading, x: 0, y: 14, class: "heading")
    guard !isEmpty else {
      svg.words(emptyWords, x: 0, y: 44, class: "muted")
      return svg
    }
    legend.draw(into: &svg, y: Self.headingHeight, width: width)
    let points = drawn.flatMap(\.points)
    var ends = points.flatMap { [$0.y - ($0.error ?? 0), $0.y + ($0.error ?? 0)] }
    if let mark, mark.value.isFinite { ends.append(mark.value) }
    let yTicks = roundTicks(from: ends.min() ?? 0, to: ends.max() ?? 1)
    let xTicks =
      xTicks
      ?? roundTicks(from: points.map(\.x).min() ?? 0, to: points.map(\.x).max() ?? 1).filter {
        !hasWholeX || $0.rounded() == $0
      }
    let left = 16 + 6.6 * Double(yTicks.reduce(1) { max($0, displayWidth(yWords($1))) })
    let top = Self.headingHeight + legend.height(width: width) + 16
    let bottom = top + Self.plotHeight
    let y = Scale(
      domain: (yTicks.first ?? 0)...(yTicks.last ?? 1), range: (bottom, top))
    let x = Scale(
      domain: min(
        xTicks.first ?? 0, points.map(\.x).min() ?? 0)...max(
          xTicks.last ?? 1, points.map(\.x).max() ?? 1), range: (left + 14, width - 14))

    drawAxes(into: &svg, x: x, y: y, xTicks, yTicks, left: left, width: width, bottom: bottom)
    if let mark, mark.value.isFinite {
      let place = y.position(mark.value)
      svg.line(x1: left, y1: place, x2: width, y2: place, class: "mark")
    }
    for (index, one) in drawn.enumerated() {
      let aside = (Double(index) - Double(drawn.count - 1) / 2) * Self.dodge
      draw(one, aside: points.contains { $0.error != nil } ? aside : 0, x: x, y: y, into: &svg)
    }
    return svg
  }

  private func drawAxes(
    into svg: inout SVG, x: Scale, y: Scale, _ xTicks: [Double], _ yTicks: [Double], left: Double,
    width: Double, bottom: Double
  ) {
    for tick in yTicks {
      let place = y.position(tick)
      let isFirst = tick == yTicks.first
      svg.line(x1: left, y1: place, x2: width, y2: place, class: isFirst ? "axis" : "grid")
      svg.words(yWords(tick), x: left - 8, y: place + 4, class: "small", anchor: .end)
    }
    for tick in xTicks {
      let place = x.position(tick)
      svg.line(x1: place, y1: bottom, x2: place, y2: bottom + 5, class: "axis")
      svg.words(xWords(tick), x: place, y: bottom + 19, class: "small", anchor: .middle)
    }
    svg.words(xTitle, x: (left + width) / 2, y: bottom + 40, class: "small", anchor: .middle)
    svg.words(yTitle, x: width, y: 14, class: "muted", anchor: .end)
  }

  private func draw(_ series: Series, aside: Double, x: Scale, y: Scale, into svg: inout SVG) {
    var places: [(x: Double, y: Double)] = []
    for point in series.points {
      let place = (x: x.position(point.x) + aside, y: y.position(point.y))
      if isStepped, let last = places.last { places.append((place.x, last.y)) }
      places.append(place)
    }
    svg.path(places, class: "line l\(series.color)")
    for point in series.points {
      let (across, up) = (x.position(point.x) + aside, y.position(point.y))
      svg.open("g", ["class": "row"])
      svg.element("title", [:], point.words)
      if let error = point.error, error.isFinite, error > 0 {
        let (high, low) = (y.position(point.y + error), y.position(point.y - error))
        svg.line(x1: across, y1: high, x2: across, y2: low, class: "error l\(series.color)")
        for end in [high, low] {
          svg.line(
            x1: across - 3, y1: end, x2: across + 3, y2: end, class: "error l\(series.color)")
        }
      }
      svg.circle(x: across, y: up, radius: 3.2, class: "s\(series.color)")
      svg.close("g")
    }
  }
}

/// Round values around a range: steps of 1, 2 or 5 times a power of ten, about `count` of them, the
/// first not above `low` and the last not below `high`.
func roundTicks(from low: Double, to high: Double, count: Int = 5) -> [Double] {
  guard low.isFinite, high.isFinite, high >= low else { return [0, 1] }
  let span = high - low
  guard span > max(low.magnitude, high.magnitude) * 1e-9 else {
    let around = max(low.magnitude * 0.01, 1e-3)
    return [low - around, low, low + around]
  }
  let all = roundTicks(upTo: span, count: count)
  let step = all[1] - all[0]
  let first = (low / step + 1e-9).rounded(.down)
  let last = (high / step - 1e-9).rounded(.up)
  return (0...max(1, Int(last - first))).map { (first + Double($0)) * step }
}
