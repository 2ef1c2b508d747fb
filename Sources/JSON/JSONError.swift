/// Why a text is not JSON, and where.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Problem: Equatable, Sendable {
    /// Nothing but white space.
    case empty
    /// The text ends inside a value.
    case endsEarly
    /// Something is where something else has to be.
    case expected(String)
    /// More text after the value.
    case trailing
    /// Arrays and objects inside one another beyond the reader's bound.
    case tooDeep(limit: Int)
    case notUTF8
    /// A raw control character inside a string.
    case controlCharacter
    case badEscape
    case badNumber
    /// `NaN`, `Infinity` or `-Infinity` where the reader was not told to take them.
    case nonFinite
  }

  public let problem: Problem
  /// Bytes from the start of the text.
  public let offset: Int
  /// Counted from 1.
  public let line: Int

  public var description: String { "\(words) (line \(line), byte \(offset))" }

  private var words: String {
    switch problem {
    case .empty: "JSON is empty"
    case .endsEarly: "JSON ends early"
    case .expected(let what): "broken JSON: expected \(what)"
    case .trailing: "broken JSON: more text after the value"
    case .tooDeep(let limit): "JSON is nested too deeply: over \(limit) levels"
    case .notUTF8: "JSON is not UTF-8"
    case .controlCharacter: "broken JSON: control character in a string"
    case .badEscape: "broken JSON: unknown escape in a string"
    case .badNumber: "broken JSON: malformed number"
    case .nonFinite: "broken JSON: NaN or Infinity"
    }
  }
}
