/// The few Python literals that NumPy writes into headers: strings, whole numbers, booleans,
/// tuples, lists and dictionaries with strings as keys.
struct PythonLiteral {
  indirect enum Value {
    case text(String)
    case integer(Int)
    case boolean(Bool)
    case sequence([Value])
    case dictionary([String: Value])
  }

  private let bytes: ArraySlice<UInt8>
  private var at: Int
  private var depth = 0

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    at = bytes.startIndex
  }

  /// The value that comes next; nil where there is none.
  mutating func value() -> Value? {
    guard depth < 16 else { return nil }
    depth += 1
    defer { depth -= 1 }
    switch peek() {
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return text().map { .text($0) }
    case UInt8(ascii: "("): return sequence(closing: UInt8(ascii: ")"))
    case UInt8(ascii: "["): return sequence(closing: UInt8(ascii: "]"))
    case UInt8(ascii: "{"): return dictionary()
    default: break
    }
    let word = word()
    switch word {
    case "True": return .boolean(true)
    case "False": return .boolean(false)
    default:
      // Python 2 writes long numbers with an L.
      return Int(word.hasSuffix("L") ? String(word.dropLast()) : word).map { .integer($0) }
    }
  }

  /// The next byte that is no space.
  private mutating func peek() -> UInt8? {
    while at < bytes.endIndex, bytes[at] == 0x20 || (9...13).contains(bytes[at]) { at += 1 }
    return at < bytes.endIndex ? bytes[at] : nil
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    at += 1
    return true
  }

  private mutating func word() -> String {
    _ = peek()
    let start = at
    while at < bytes.endIndex, bytes[at].isWordByte { at += 1 }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private mutating func text() -> String? {
    guard let quote = peek() else { return nil }
    at += 1
    guard let end = bytes[at...].firstIndex(of: quote) else { return nil }
    defer { at = end + 1 }
    return String(decoding: bytes[at..<end], as: UTF8.self)
  }

  private mutating func sequence(closing: UInt8) -> Value? {
    at += 1
    var values: [Value] = []
    while !take(closing) {
      guard let value = value() else { return nil }
      values.append(value)
      if !take(UInt8(ascii: ",")) {
        guard take(closing) else { return nil }
        break
      }
    }
    return .sequence(values)
  }

  private mutating func dictionary() -> Value? {
    at += 1
    var fields: [String: Value] = [:]
    while !take(UInt8(ascii: "}")) {
      guard case .text(let key)? = value(), take(UInt8(ascii: ":")), let value = value() else {
        return nil
      }
      fields[key] = value
      if !take(UInt8(ascii: ",")) {
        guard take(UInt8(ascii: "}")) else { return nil }
        break
      }
    }
    return .dictionary(fields)
  }
}

extension UInt8 {
  fileprivate var isWordByte: Bool {
    (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
      || self == UInt8(ascii: "-") || self == UInt8(ascii: "_")
  }
}
