/// One picture: a title, a line under it, and charts one below the other, as a whole SVG file.
///
/// Colours are written out class by class rather than as CSS variables, which librsvg and Inkscape
/// do not know; they get the light scheme. Browsers follow the reader's scheme.
public struct Figure: Sendable {
  /// Pixels across; the height follows from the charts.
  static let width = 920.0
  static let margin = 28.0
  static let innerWidth = width - 2 * margin

  public var title: String
  public var subtitle: String
  /// What the picture shows, for those who do not see it.
  public var summary: String
  var charts: [any Chart]

  init(title: String, subtitle: String, summary: String, charts: [any Chart]) {
    self.title = title
    self.subtitle = subtitle
    self.summary = summary
    self.charts = charts
  }

  public var svg: String {
    var body = SVG()
    var y = Self.margin + 20
    body.words(
      elided(title, to: 80), x: Self.margin, y: y, class: "title")
    if !subtitle.isEmpty {
      y += 22
      body.words(elided(subtitle, to: 130), x: Self.margin, y: y, class: "muted")
    }
    y += 22
    for chart in charts {
      body.open("g", ["transform": "translate(\(coordinate(Self.margin)) \(coordinate(y)))"])
      body.append(chart.drawing(width: Self.innerWidth))
      body.close("g")
      y += chart.height + 26
    }
    let height = y - 26 + Self.margin

    var file = SVG()
    file.open(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "width": .number(Self.width),
        "height": .number(height),
        "viewBox": "0 0 \(coordinate(Self.width)) \(coordinate(height))", "role": "img",
        "aria-labelledby": "title summary",
      ])
    file.element("title", ["id": "title"], title)
    file.element("desc", ["id": "summary"], summary)
    file.style(Self.style)
    file.rectangle(x: 0, y: 0, width: Self.width, height: height, class: "paper")
    file.append(body)
    file.close("svg")
    return file.text
  }

  // Series colours keep apart for the common kinds of colour blindness, and have a contrast of 3:1
  // or more with the paper of their scheme; text has 4.5:1 or more.
  private static let style: StaticString = """
    svg { color-scheme: light dark; background: #ffffff }
    text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif; fill: #1f2328; font-variant-numeric: tabular-nums }
    .title { font-size: 19px; font-weight: 600 }
    .heading { font-size: 14px; font-weight: 600 }
    .muted { fill: #59636e }
    .small { font-size: 11px; fill: #59636e }
    .name { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 11.5px }
    .value { font-weight: 600 }
    .paper { fill: #ffffff }
    .track { fill: #eff2f5 }
    .grid { stroke: #dde2e7; stroke-width: 1 }
    .axis { stroke: #8c959f; stroke-width: 1 }
    .mark { stroke: #1f2328; stroke-width: 1.5; stroke-dasharray: 4 3; fill: none }
    .s0 { fill: #2c7a57 } .s1 { fill: #3f7fc9 } .s2 { fill: #c2631a } .s3 { fill: #8754b0 } .s4 { fill: #a88a12 } .s5 { fill: #c7447d }
    .line { fill: none; stroke-width: 2; stroke-linejoin: round }
    .error { stroke-width: 1.5 }
    .cell { font-size: 11px }
    .l0 { stroke: #2c7a57 } .l1 { stroke: #3f7fc9 } .l2 { stroke: #c2631a } .l3 { stroke: #8754b0 } .l4 { stroke: #a88a12 } .l5 { stroke: #c7447d }
    .ghost { fill: #a3adb8 }
    g.row:hover .track { fill: #e2e7ec }
    @media (prefers-color-scheme: dark) {
    svg { background: #0d1117 }
    text { fill: #e6edf3 }
    .muted, .small { fill: #9aa4af }
    .paper { fill: #0d1117 }
    .track { fill: #1a212a }
    .grid { stroke: #2a323c }
    .axis { stroke: #6e7681 }
    .mark { stroke: #ffffff }
    .s0 { fill: #4fb884 } .s1 { fill: #6cabf2 } .s2 { fill: #ea9152 } .s3 { fill: #b78ae0 } .s4 { fill: #d6b93f } .s5 { fill: #ee7fae }
    .l0 { stroke: #4fb884 } .l1 { stroke: #6cabf2 } .l2 { stroke: #ea9152 } .l3 { stroke: #b78ae0 } .l4 { stroke: #d6b93f } .l5 { stroke: #ee7fae }
    .ghost { fill: #59646f }
    g.row:hover .track { fill: #242d38 }
    }

    """

  /// How many series have a colour of their own.
  static let seriesColors = 6
}

/// A chart draws itself into a width, from its own upper left corner.
protocol Chart: Sendable {
  var height: Double { get }
  func drawing(width: Double) -> SVG
}
