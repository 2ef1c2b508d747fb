/// JSON as Keras and coppice write it: a value, a reader, a writer.
public enum JSON {
  /// A JSON value. Keys keep their order, integers stay exact.
  public enum Value: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(Number)
    /// Text. A lone surrogate (`\ud800`), which Python accepts and Unicode text cannot hold, is one
    /// private character of `LoneSurrogate`; the writer turns it back.
    case string(String)
    case array([Value])
    case object(Object)
  }

  public enum Number: Sendable, Hashable {
    /// Written without fraction and exponent, and fits.
    case integer(Int)
    /// Anything else. A number beyond the range is ±infinity, as in Python.
    case double(Double)
    /// The digits, with their sign, of an integer that does not fit in 64 bits.
    case bigInteger(String)
  }
}

extension JSON.Value {
  public static func integer(_ value: Int) -> JSON.Value { .number(.integer(value)) }
  public static func double(_ value: Double) -> JSON.Value { .number(.double(value)) }

  public var isNull: Bool { self == .null }

  public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The exact integer; nil for a number with a fraction or exponent, even a whole one.
  public var integerValue: Int? {
    if case .number(.integer(let value)) = self { value } else { nil }
  }

  /// The number, rounded to the nearest double.
  public var doubleValue: Double? {
    guard case .number(let number) = self else { return nil }
    switch number {
    case .integer(let value): return Double(value)
    case .double(let value): return value
    case .bigInteger(let digits): return Double(digits)
    }
  }

  public var stringValue: String? { if case .string(let value) = self { value } else { nil } }

  public var arrayValue: [JSON.Value]? { if case .array(let value) = self { value } else { nil } }

  public var objectValue: JSON.Object? { if case .object(let value) = self { value } else { nil } }

  /// The member of an object; nil where this is no object or has no such key.
  public subscript(key: String) -> JSON.Value? { objectValue?[key] }
}

extension JSON.Value: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .double(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: JSON.Value...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSON.Value)...) {
    self = .object(JSON.Object(elements))
  }
}

/// How a lone surrogate lives in Swift text: U+D800…U+DFFF become the last 2,048 characters of
/// Unicode's private plane 16. A real character of that range becomes the two stand-ins of its
/// surrogate pair, so reading and writing are inverse for every text.
enum LoneSurrogate {
  static let first: UInt32 = 0x10F800

  static func standIn(for surrogate: UInt32) -> UInt32 { surrogate - 0xD800 + first }

  /// The surrogate that a stand-in means, or nil for any other character.
  static func surrogate(of scalar: UInt32) -> UInt32? {
    scalar >= first ? scalar - first + 0xD800 : nil
  }
}
