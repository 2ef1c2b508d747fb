/// The bytes of a link or attribute name. HDF5 does not promise UTF-8, so the bytes are the name and
/// text is only a way to show it.
public struct Name: Hashable, Sendable, Comparable, CustomStringConvertible, ExpressibleByStringLiteral {
  public var bytes: [UInt8]
  public init(bytes: [UInt8]) { self.bytes = bytes }
  public init(_ text: String) { bytes = Array(text.utf8) }
  public init(stringLiteral text: String) { self.init(text) }

  /// The name that `description` shows as `text`.
  public init(shown text: String) {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.first == byte {
        rest.removeFirst()
      } else if byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x"), rest.count >= 3,
        let value = UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16),
        rest.dropFirst().first != UInt8(ascii: "+")
      {
        bytes.append(value)
        rest.removeFirst(3)
        continue
      }
      bytes.append(byte)
    }
    self.bytes = bytes
  }

  public static func < (a: Name, b: Name) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }

  /// The name as valid UTF-8 that can be turned back: a byte that is part of no character becomes
  /// `\xHH`, a backslash becomes `\\`, everything else stays itself.
  public var description: String {
    var text = ""
    var rest = bytes[...]
    while !rest.isEmpty {
      let whole = String(validating: rest, as: UTF8.self)
      if let whole {
        text += whole.replacingBackslashes()
        break
      }
      // Take the longest valid run, then one bad byte.
      var decoder = UTF8()
      var iterator = rest.makeIterator()
      var good = 0
      scan: while true {
        switch decoder.decode(&iterator) {
        case .scalarValue(let scalar): good += UTF8.width(scalar)
        case .emptyInput, .error: break scan
        }
      }
      text += String(decoding: rest.prefix(good), as: UTF8.self).replacingBackslashes()
      rest = rest.dropFirst(good)
      if let bad = rest.popFirst() { text += "\\x" + hexadecimal(bad) }
    }
    return text
  }
}

extension String {
  fileprivate func replacingBackslashes() -> String {
    contains("\\") ? split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\") : self
  }
}

private func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return digits.count == 1 ? "0" + digits : digits
}
