import JSON

/// What a command found or did, as a value that can be shown in each form.
///
/// Every form is a pure function of the value: nothing here opens a file, asks the clock or knows
/// whether a terminal is there.
public protocol Report: Sendable {
  /// One object with the fields of its schema.
  var json: JSON.Value { get }
  /// The report's table, one record a tensor (or a file, where there are no tensors).
  var csv: CSV { get }
  /// For people: `width` in terminal columns (nil where there is no terminal: nothing is cut).
  func text(width: Int?, color: Bool) -> String
  /// One line for one file of a batch, without a line feed.
  var line: String { get }
}

extension Report {
  /// The whole JSON text with its line feed: spread out when it stands alone, else one line of many.
  public func jsonText(alone: Bool) -> String { json.text(alone ? .pretty : .compact) + "\n" }
}

/// A file that a command read or wrote.
public struct FileFacts: Sendable, Equatable {
  public var file: String
  /// A `container` name, such as `keras-h5`.
  public var container: String
  public var bytes: Int
  /// 64 hexadecimal digits.
  public var sha256: String?

  public init(file: String, container: String, bytes: Int, sha256: String? = nil) {
    self.file = file
    self.container = container
    self.bytes = bytes
    self.sha256 = sha256
  }

  var json: JSON.Value {
    [
      "file": .string(file), "container": .string(container), "bytes": .integer(bytes),
      "sha256": .optional(sha256),
    ]
  }
}

extension JSON.Value {
  static func optional(_ value: Int?) -> JSON.Value { value.map(integer) ?? .null }
  static func optional(_ value: String?) -> JSON.Value { value.map(string) ?? .null }
  /// null also for NaN and the infinities, which JSON has no number for.
  static func optional(_ value: Double?) -> JSON.Value {
    guard let value, value.isFinite else { return .null }
    return .double(value)
  }
  static func strings(_ values: [String]) -> JSON.Value { .array(values.map(string)) }
  static func shape(_ shape: [Int]) -> JSON.Value { .array(shape.map(integer)) }
}

/// `part ÷ whole`, or nil of nothing.
func share(_ part: Int, of whole: Int) -> Double? {
  whole > 0 ? Double(part) / Double(whole) : nil
}
