import Files

/// The lines of a table, field by field (RFC 4180): quoted fields may hold separators, quotes (twice)
/// and line ends; lines end in LF, CRLF or CR; a UTF-8 byte order mark in front and empty lines are
/// passed over.
struct TableLines {
  /// No field of numbers is longer, and a quote that is never closed does not swallow the file.
  private static let longestLine = 64 << 20

  private let source: any ByteSource
  private let separator: UInt8
  private let file: String

  init(_ source: any ByteSource, separator: UInt8, file: String) {
    self.source = source
    self.separator = separator
    self.file = file
  }

  /// One line: its fields in one run of bytes, quotes undone.
  struct Line {
    fileprivate(set) var bytes: [UInt8] = []
    /// Where each field ends.
    fileprivate(set) var ends: [Int] = []
    /// Counted from 1, by line ends.
    fileprivate(set) var number = 1

    var count: Int { ends.count }
    func range(_ field: Int) -> Range<Int> { (field == 0 ? 0 : ends[field - 1])..<ends[field] }
    func text(_ field: Int) -> String { String(decoding: bytes[range(field)], as: UTF8.self) }
    /// The same; nil where it is not UTF-8.
    func validText(_ field: Int) -> String? {
      String(validating: bytes[range(field)], as: UTF8.self)
    }
  }

  private enum State { case fieldStart, plain, quoted, quoteInQuoted, carriageReturn }

  /// Calls `body` with every line that is not empty, until it returns false.
  func walk(_ body: (Line) throws -> Bool) throws {
    var line = Line()
    var state = State.fieldStart
    var number = 1
    var goesOn = true

    func endLine() throws {
      line.ends.append(line.bytes.count)
      // An empty line is one empty field. One field of a table of one column may be empty only
      // between quotes, and is then an error of the number, not of the line.
      if line.count > 1 || !line.bytes.isEmpty { goesOn = try body(line) }
      line.bytes.removeAll(keepingCapacity: true)
      line.ends.removeAll(keepingCapacity: true)
      line.number = number
      state = .fieldStart
    }

    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let first = try source.prefix(3) == mark ? 3 : 0
    let piece = 1 << 20
    for start in stride(from: first, to: source.count, by: piece) where goesOn {
      try source.withBytes(start..<min(source.count, start + piece)) { bytes in
        for byte in bytes {
          if state == .carriageReturn {
            state = .fieldStart
            if byte == UInt8(ascii: "\n") { continue }
          }
          switch byte {
          case UInt8(ascii: "\"") where state == .fieldStart: state = .quoted
          case UInt8(ascii: "\"") where state == .quoted: state = .quoteInQuoted
          case UInt8(ascii: "\"") where state == .quoteInQuoted:
            line.bytes.append(byte)
            state = .quoted
          case separator where state != .quoted:
            line.ends.append(line.bytes.count)
            state = .fieldStart
            // Each takes 8 bytes of ours.
            guard line.ends.count < Self.longestLine / 8 else {
              throw DataError.badLine(
                file: file, line: line.number,
                what: "a line of more than \(Self.longestLine / 8) fields",
                advice: "Check what separates them.")
            }
          case UInt8(ascii: "\n") where state != .quoted, UInt8(ascii: "\r") where state != .quoted:
            number += 1
            try endLine()
            if byte == UInt8(ascii: "\r") { state = .carriageReturn }
            if !goesOn { return }
          case _ where state == .quoteInQuoted:
            // Nothing but spaces between a closing quote and the end of the field.
            guard byte == 0x20 || byte == 9 else {
              throw DataError.badLine(
                file: file, line: line.number, what: "text follows the closing quote of a field",
                advice: "Write quotes inside of quotes twice.")
            }
          default:
            if byte == UInt8(ascii: "\n") { number += 1 }
            line.bytes.append(byte)
            if state != .quoted { state = .plain }
            guard line.bytes.count < Self.longestLine else {
              throw DataError.badLine(
                file: file, line: line.number, what: "a line of more than 64 MB",
                advice: "Check for a quote that is never closed.")
            }
          }
        }
      }
    }
    guard goesOn else { return }
    guard state != .quoted else {
      throw DataError.badLine(
        file: file, line: line.number, what: "a quote is never closed", advice: "Check the line.")
    }
    if !line.bytes.isEmpty || !line.ends.isEmpty { try endLine() }
  }
}
