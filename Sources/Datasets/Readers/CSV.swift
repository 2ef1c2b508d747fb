import Files
import Tensors

/// Tables of numbers as text (RFC 4180), a line of column names on top: separated by commas, tabs or
/// semicolons, whichever the first line has most of.
enum CSV: DataReader {
  /// What a column of labels is called, where it is not the last one.
  static let labelNames = ["y", "label", "labels", "target", "class"]

  /// Bytes that no line of names is longer than: some hundred thousand columns.
  private static let longestHeader = 4 << 20

  static func recognises(_ source: any ByteSource) throws -> Bool {
    let start = try source.prefix(longestHeader)
    guard !start.isEmpty, !start.prefix(1 << 16).contains(0), !Stranger.isKnown(start) else { return false }
    let line = start.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    return line.count < start.count
      && line.allSatisfy { $0 >= 0x20 || $0 == UInt8(ascii: "\t") }
  }

  static func read(
    _ source: any ByteSource, file: String, options: DataOptions
  ) throws -> DataContents {
    let lines = TableLines(
      source, separator: try separator(of: source.prefix(longestHeader)), file: file)
    var names: [String] = []
    try lines.walk { line in
      names = try (0..<line.count).map { field in
        guard let name = line.validText(field) else {
          throw DataError.badLine(
            file: file, line: line.number, what: "the name of column \(field + 1) is not UTF-8 text",
            advice: "Save the table in UTF-8.")
        }
        return name.trimmingSpaces()
      }
      return false
    }
    try checkHeader(names, file)
    let columns = try TableColumns(names, options, file: file)
    let values = TableValues(file: file, columns: columns, width: names.count)
    return DataContents(format: .csv, arrays: try values.read(lines), notes: columns.notes)
  }

  private static func separator(of start: [UInt8]) -> UInt8 {
    let line = start.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    var best = (separator: UInt8(ascii: ","), count: 0)
    for separator in [UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: ";")] {
      let count = line.count { $0 == separator }
      if count > best.count { best = (separator, count) }
    }
    return best.separator
  }

  /// A first line of numbers is data, unless it counts the columns, as pandas does.
  private static func checkHeader(_ names: [String], _ file: String) throws(DataError) {
    guard !names.isEmpty else {
      throw .mismatch(file: file, what: "has no lines", advice: "Check how it was made.")
    }
    let numbers = names.map { Double($0) }
    guard numbers.contains(nil) || names == (0..<names.count).map({ "\($0)" }) else {
      throw .badLine(
        file: file, line: 1, what: "the first line holds numbers, not the names of columns",
        advice: "Put a line of names on top.")
    }
  }
}

extension String {
  func trimmingSpaces() -> String {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
