#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Numbers in text: `1`, `-2.5e-3`, `nan`, `inf`, with spaces around.
enum DecimalNumber {
  private static let powers: [Double] = (0...22).map { exponent in
    (0..<exponent).reduce(1.0) { power, _ in power * 10 }
  }

  /// The value of the bytes in `range`, correctly rounded; nil where they are no number.
  static func value(of bytes: [UInt8], _ range: Range<Int>) -> Double? {
    var start = range.lowerBound
    var end = range.upperBound
    while start < end, bytes[start] == 0x20 || bytes[start] == 9 { start += 1 }
    while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 9 { end -= 1 }
    return quick(bytes, start..<end) ?? slow(bytes, start..<end)
  }

  /// Up to 15 digits and a power of ten up to 22 are doubles exactly, and so one multiplication or
  /// division rounds once (Clinger, "How to read floating point numbers accurately", 1990).
  private static func quick(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
    var at = range.lowerBound
    let isNegative = at < range.upperBound && bytes[at] == UInt8(ascii: "-")
    if isNegative { at += 1 }
    var digits = 0
    var mantissa = 0
    var fraction = 0
    var isInFraction = false
    while at < range.upperBound {
      let byte = bytes[at]
      if byte &- 0x30 < 10 {
        mantissa = mantissa &* 10 &+ Int(byte &- 0x30)
        digits += 1
        if isInFraction { fraction += 1 }
      } else if byte == UInt8(ascii: "."), !isInFraction {
        isInFraction = true
      } else {
        return nil
      }
      at += 1
    }
    guard digits > 0, digits <= 15 else { return nil }
    let value = Double(mantissa) / powers[fraction]
    return isNegative ? -value : value
  }

  private static func slow(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
    guard !range.isEmpty, range.count < 400 else { return nil }
    // strtod would take hexadecimal numbers and `nan(…)` too.
    guard
      bytes[range].allSatisfy({ $0 != UInt8(ascii: "x") && $0 != UInt8(ascii: "X") && $0 != 0x28 })
    else { return nil }
    let text = bytes[range].map { CChar(bitPattern: $0) } + [0]
    return text.withUnsafeBufferPointer { text in
      guard let start = text.baseAddress else { return nil }
      var end: UnsafeMutablePointer<CChar>?
      let value = strtod(start, &end)
      return end.map { $0 - UnsafeMutablePointer(mutating: start) } == range.count ? value : nil
    }
  }
}
