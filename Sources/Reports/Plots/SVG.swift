/// SVG elements, written one after the other. Everything that is text is escaped here and nowhere
/// else; coordinates are pixels, y down, with at most two decimals.
struct SVG {
  private(set) var text = ""

  /// An attribute's value: a coordinate or words.
  enum Value: ExpressibleByStringInterpolation, ExpressibleByFloatLiteral,
    ExpressibleByIntegerLiteral
  {
    case number(Double)
    case words(String)

    init(stringLiteral words: String) { self = .words(words) }
    init(floatLiteral number: Double) { self = .number(number) }
    init(integerLiteral number: Int) { self = .number(Double(number)) }
  }

  mutating func open(_ name: String, _ attributes: KeyValuePairs<String, Value> = [:]) {
    text += "<\(name)\(written(attributes))>\n"
  }

  mutating func close(_ name: String) { text += "</\(name)>\n" }

  mutating func empty(_ name: String, _ attributes: KeyValuePairs<String, Value>) {
    text += "<\(name)\(written(attributes))/>\n"
  }

  mutating func element(
    _ name: String, _ attributes: KeyValuePairs<String, Value>, _ content: String
  ) {
    text += "<\(name)\(written(attributes))>\(escaped(content))</\(name)>\n"
  }

  mutating func append(_ other: SVG) { text += other.text }

  /// A style sheet: our own words, never text from a file.
  mutating func style(_ rules: StaticString) { text += "<style>\n\(rules)</style>\n" }

  /// Words at a point. `class` is one of the theme's.
  mutating func words(
    _ words: String, x: Double, y: Double, class name: String, anchor: Anchor = .start
  ) {
    element(
      "text",
      [
        "x": .number(x), "y": .number(y), "class": .words(name),
        "text-anchor": .words(anchor.rawValue),
      ],
      words)
  }

  enum Anchor: String { case start, middle, end }

  mutating func line(x1: Double, y1: Double, x2: Double, y2: Double, class name: String) {
    empty(
      "line",
      [
        "x1": .number(x1), "y1": .number(y1), "x2": .number(x2), "y2": .number(y2),
        "class": .words(name),
      ])
  }

  mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, radius: Double = 0, class name: String
  ) {
    empty(
      "rect",
      [
        "x": .number(x), "y": .number(y), "width": .number(width), "height": .number(height),
        "rx": .number(radius), "class": .words(name),
      ])
  }

  /// The same, seen through: `opacity` is 0...1.
  mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, radius: Double, class name: String,
    opacity: Double
  ) {
    empty(
      "rect",
      [
        "x": .number(x), "y": .number(y), "width": .number(width), "height": .number(height),
        "rx": .number(radius), "class": .words(name), "fill-opacity": .number(opacity),
      ])
  }

  mutating func circle(x: Double, y: Double, radius: Double, class name: String) {
    empty(
      "circle",
      ["cx": .number(x), "cy": .number(y), "r": .number(radius), "class": .words(name)])
  }

  /// Straight lines from point to point.
  mutating func path(_ points: [(x: Double, y: Double)], class name: String) {
    let places = points.map { "\(coordinate($0.x)),\(coordinate($0.y))" }
    empty("polyline", ["points": .words(places.joined(separator: " ")), "class": .words(name)])
  }

  private func written(_ attributes: KeyValuePairs<String, Value>) -> String {
    attributes.map { name, value in
      switch value {
      case .number(let number): " \(name)=\"\(coordinate(number))\""
      case .words(let words): " \(name)=\"\(escaped(words))\""
      }
    }.joined()
  }
}

/// At most two decimals, no zeros at the end.
func coordinate(_ value: Double) -> String {
  var text = fixed(value.isFinite ? value : 0, places: 2)
  while text.hasSuffix("0") { text.removeLast() }
  if text.hasSuffix(".") { text.removeLast() }
  return text
}

/// Text for an element or an attribute of XML 1.0, which also has no place for control characters
/// and for U+FFFE and U+FFFF.
func escaped(_ text: String) -> String {
  var result = ""
  for scalar in visible(text).unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\u{FFFE}": result += "\\u{fffe}"
    case "\u{FFFF}": result += "\\u{ffff}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
