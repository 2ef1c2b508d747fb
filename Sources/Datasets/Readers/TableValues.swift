import Documents
import Files
import Tensors

/// Reads the values of a table: features as float32, labels as numbers or, where one is not a number,
/// as words.
struct TableValues {
  private let file: String
  private let columns: TableColumns
  private let width: Int

  /// `width` is how many fields a line has.
  init(file: String, columns: TableColumns, width: Int) {
    self.file = file
    self.columns = columns
    self.width = width
  }

  /// Reads all lines but the first, the names.
  func read(_ lines: TableLines) throws -> DataContents.Arrays {
    let spools = columns.inputs.map { _ in Spool(for: file) }
    // Labels are held as the text that they are until all are known to be numbers or not.
    let texts = Spool(for: file)
    var kinds = LabelKinds()
    let weights = Spool(for: file)
    var row: [Float] = []
    var rows = -1
    try lines.walk { line in
      rows += 1
      if rows == 0 { return true }
      guard line.count == width else {
        throw DataError.badLine(
          file: file, line: line.number,
          what:
            "row \(rows) has \(line.count) field\(line.count == 1 ? "" : "s") where the header has \(width)",
          advice: "Check the row.")
      }
      for (input, spool) in zip(columns.inputs, spools) {
        row.removeAll(keepingCapacity: true)
        for column in input.columns {
          guard let value = DecimalNumber.value(of: line.bytes, line.range(column)) else {
            throw notANumber(line, column, row: rows)
          }
          row.append(Float(value))
        }
        try row.withUnsafeBytes { try spool.write($0) }
      }
      if let column = columns.label {
        let range = line.range(column)
        guard line.bytes[range].contains(where: { $0 != 0x20 && $0 != 9 }) else {
          throw notANumber(line, column, row: rows)
        }
        if let what = kinds.add(line.bytes, range) { throw badLabel(line, column, row: rows, what) }
        try write(line.bytes[range], to: texts)
      }
      if let column = columns.weights {
        guard let weight = DecimalNumber.value(of: line.bytes, line.range(column)) else {
          throw notANumber(line, column, row: rows)
        }
        try withUnsafeBytes(of: weight) { try weights.write($0) }
      }
      return true
    }
    let inputs = try zip(columns.inputs, spools).map { input, spool in
      let array = StoredArray(
        file: file, name: input.name, shape: [max(0, rows), input.columns.count],
        values: .numbers(try spool.finish(), .float32))
      return (place: input.place, array: array)
    }
    let label = try columns.label.map { column in
      let array = StoredArray(
        file: file, name: columns.names[column], shape: [max(0, rows)],
        values: try labels(texts.finish(), areNumbers: kinds.areNumbers))
      return (place: columns.labelPlace, array: array)
    }
    let weighing = try columns.weights.map { column in
      StoredArray(
        file: file, name: columns.names[column], shape: [max(0, rows)],
        values: .numbers(try weights.finish(), .float64))
    }
    return .table(inputs: inputs, label: label, weights: weighing)
  }

  private func labels(
    _ texts: any ByteSource, areNumbers: Bool
  ) throws -> StoredArray.Values {
    guard areNumbers else { return .strings(texts, .portable) }
    let spool = Spool(for: file)
    try StringCoding.portable.forEach(texts) { text in
      let number = DecimalNumber.value(of: text, text.indices) ?? .nan
      try withUnsafeBytes(of: number) { try spool.write($0) }
    }
    return .numbers(try spool.finish(), .float64)
  }

  /// In the portable form of variable-length strings.
  private func write(_ text: ArraySlice<UInt8>, to spool: Spool) throws {
    var length = text.count + 1
    var bytes: [UInt8] = []
    while length > 127 {
      bytes.append(UInt8(length & 127 | 128))
      length >>= 7
    }
    bytes.append(UInt8(length))
    try spool.write(bytes)
    try spool.write(text)
  }

  private func badLabel(
    _ line: TableLines.Line, _ column: Int, row: Int, _ what: String
  ) -> DataError {
    .badLine(
      file: file, line: line.number,
      what:
        "label '\(line.text(column).printable(limit: 40))' in column '\(columns.names[column].printable())' of row \(row) is \(what)",
      advice: "Mend such rows, or name another column with --y.")
  }

  private func notANumber(_ line: TableLines.Line, _ column: Int, row: Int) -> DataError {
    let text = line.text(column)
    let what = text.isEmpty ? "is empty" : "is no number: '\(text.printable(limit: 40))'"
    return .badLine(
      file: file, line: line.number,
      what: "column '\(columns.names[column].printable())' of row \(row) \(what)",
      advice: "Fill or remove such rows, encode words as numbers, or choose columns with --x.")
  }
}
