/// Comma-separated values, quoted as RFC 4180 says.
///
/// Lines end in a line feed alone, which every reader takes and which keeps a carriage return out of
/// the last field of `cut` and `awk`. Control characters are escaped as in the tables, so a record
/// is always one line.
public struct CSV: Sendable, Equatable {
  /// One value of a record; how it is written depends on its kind.
  public enum Field: Sendable, Equatable {
    case text(String)
    case integer(Int)
    /// Shortest digits that read back as the same number; an empty field when not finite.
    case number(Double)
    case boolean(Bool)
    case empty
  }

  public var columns: [String]
  public private(set) var records: [[Field]] = []

  public init(columns: [String]) { self.columns = columns }

  public mutating func add(_ record: [Field]) {
    precondition(record.count == columns.count, "a record has as many fields as there are columns")
    records.append(record)
  }

  /// The tables of several reports under one header. The columns must be the same.
  public static func joined(_ tables: [CSV]) -> CSV {
    guard var all = tables.first else { return CSV(columns: []) }
    for table in tables.dropFirst() {
      precondition(table.columns == all.columns, "only like tables can be joined")
      all.records += table.records
    }
    return all
  }

  /// The header line and the records.
  public var text: String { line(columns.map(Field.text)) + body }

  /// The records without the header, for a table that is written as it grows.
  public var body: String { records.map(line).joined() }

  private func line(_ record: [Field]) -> String {
    record.map(written).joined(separator: ",") + "\n"
  }

  private func written(_ field: Field) -> String {
    switch field {
    case .text(let text): quoted(visible(text))
    case .integer(let count): String(count)
    case .number(let value): value.isFinite ? value.description : ""
    case .boolean(let value): value ? "true" : "false"
    case .empty: ""
    }
  }

  private func quoted(_ text: String) -> String {
    let isPlain =
      !text.utf8.contains { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") }
      && text.first != " " && text.last != " "
    guard !isPlain else { return text }
    return "\""
      + text.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }
}

extension CSV.Field {
  /// An empty field for nil.
  public static func optional(_ value: Double?) -> Self { value.map(number) ?? .empty }
  public static func optional(_ value: Int?) -> Self { value.map(integer) ?? .empty }
  public static func optional(_ text: String?) -> Self { text.map(Self.text) ?? .empty }
}
