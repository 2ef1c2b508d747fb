/// The few looks that a report uses: the sixteen-colour codes, which follow the terminal's own
/// scheme, light or dark.
public enum Paint: String, Sendable {
  case bold = "1"
  case dim = "2"
  case good = "32"
  case warning = "33"
  case bad = "31"
  case accent = "36"

  /// `text` between the escape codes, or as it is when colour was not asked for.
  public func callAsFunction(_ text: String, color: Bool) -> String {
    color && !text.isEmpty ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
  }
}

extension Paint? {
  func callAsFunction(_ text: String, color: Bool) -> String {
    self?(text, color: color) ?? text
  }
}
