extension JSON {
  public enum Layout: Sendable {
    /// No spaces at all.
    case compact
    /// One member a line, two spaces a level.
    case pretty
  }

  public enum NonFinite: Sendable {
    /// `null`: JSON proper.
    case null
    /// `NaN`, `Infinity`, `-Infinity`: what Python's json module writes and reads.
    case python
  }
}

extension JSON.Value {
  /// This value as JSON text in UTF-8, without a newline at the end.
  ///
  /// Doubles are the shortest text that reads back as the same number. Control characters and
  /// characters that turn the direction of text are escaped, so the result can go to a terminal.
  public func text(_ layout: JSON.Layout = .compact, nonFinite: JSON.NonFinite = .null) -> String {
    String(decoding: bytes(layout, nonFinite: nonFinite), as: UTF8.self)
  }

  public func bytes(_ layout: JSON.Layout = .compact, nonFinite: JSON.NonFinite = .null) -> [UInt8]
  {
    var writer = Writer(layout, nonFinite)
    writer.write(self, level: 0)
    return writer.output
  }
}

private struct Writer {
  var output: [UInt8] = []
  let isPretty: Bool
  let nonFinite: JSON.NonFinite

  init(_ layout: JSON.Layout, _ nonFinite: JSON.NonFinite) {
    isPretty = layout == .pretty
    self.nonFinite = nonFinite
  }

  mutating func write(_ value: JSON.Value, level: Int) {
    switch value {
    case .null: output += "null".utf8
    case .bool(let flag): output += (flag ? "true" : "false").utf8
    case .number(.integer(let number)): output += String(number).utf8
    case .number(.bigInteger(let digits)): output += digits.utf8
    case .number(.double(let number)): write(number)
    case .string(let text): write(text)
    case .array(let elements):
      list("[", "]", elements.count, level) { writer, i in
        writer.write(elements[i], level: level + 1)
      }
    case .object(let object):
      list("{", "}", object.count, level) { writer, i in
        writer.write(object.keys[i])
        writer.output += (writer.isPretty ? ": " : ":").utf8
        writer.write(object.values[i], level: level + 1)
      }
    }
  }

  mutating func list(
    _ open: String, _ close: String, _ count: Int, _ level: Int,
    _ element: (inout Writer, Int) -> Void
  ) {
    output += open.utf8
    for i in 0..<count {
      if i > 0 { output += ",".utf8 }
      newLine(level + 1)
      element(&self, i)
    }
    if count > 0 { newLine(level) }
    output += close.utf8
  }

  mutating func newLine(_ level: Int) {
    guard isPretty else { return }
    output.append(0x0A)
    output.append(contentsOf: repeatElement(0x20, count: level * 2))
  }

  mutating func write(_ number: Double) {
    switch (number.isFinite, nonFinite) {
    // Swift's description is the shortest that reads back, and legal JSON where finite.
    case (true, _): output += number.description.utf8
    case (false, .null): output += "null".utf8
    case (false, .python):
      output += (number.isNaN ? "NaN" : number > 0 ? "Infinity" : "-Infinity").utf8
    }
  }

  mutating func write(_ text: String) {
    output.append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case UInt32(UInt8(ascii: "\"")), UInt32(UInt8(ascii: "\\")):
        output += [UInt8(ascii: "\\"), UInt8(scalar.value)]
      case 0x08: output += "\\b".utf8
      case 0x09: output += "\\t".utf8
      case 0x0A: output += "\\n".utf8
      case 0x0C: output += "\\f".utf8
      case 0x0D: output += "\\r".utf8
      case 0x20..<0x7F: output.append(UInt8(scalar.value))
      case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: escape(scalar.value)
      case LoneSurrogate.first...:
        escape(LoneSurrogate.surrogate(of: scalar.value) ?? scalar.value)
      default: output.append(contentsOf: scalar.utf8)
      }
    }
    output.append(UInt8(ascii: "\""))
  }

  mutating func escape(_ unit: UInt32) {
    let digits = String(unit, radix: 16)
    output += "\\u".utf8
    output.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count))
    output += digits.utf8
  }
}
