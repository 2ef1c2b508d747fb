extension Name {
  /// The name as it may be shown on a terminal: as `description`, with control characters and
  /// characters that turn the direction of text as `\u{…}`, and cut in the middle where it is longer
  /// than 120 characters.
  public var printable: String { description.printable() }
}

extension String {
  /// The text without anything that a terminal would act on (see `Name.printable`), at most `limit`
  /// characters of it.
  public func printable(limit: Int = 120) -> String {
    var text = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if scalar.isUnsafeToPrint {
        text.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
      } else {
        text.append(scalar)
      }
    }
    guard text.count > limit else { return String(text) }
    let half = limit / 2
    return String(String.UnicodeScalarView(text.prefix(half))) + "…"
      + String(String.UnicodeScalarView(text.suffix(limit - half - 1)))
  }
}

extension Unicode.Scalar {
  fileprivate var isUnsafeToPrint: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
    default: false
    }
  }
}
