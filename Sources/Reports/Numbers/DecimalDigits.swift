/// A finite number as decimal digits: `0.d₁d₂d₃… × 10^exponent`, the shortest ones that read back as
/// the same `Double`.
///
/// All rounding for people goes through here and starts from those shortest digits, half away from
/// zero. So 1.115 becomes 1.12 at two places, as a person would round what is printed, although the
/// binary value lies a hair below. No C library and no Foundation are needed for it.
struct DecimalDigits: Equatable {
  var isNegative: Bool
  /// Each 0…9, the first one not 0; empty for zero.
  var digits: [UInt8]
  var exponent: Int

  /// nil for NaN and the infinities.
  init?(_ value: Double) {
    guard value.isFinite else { return nil }
    isNegative = value.sign == .minus
    digits = []
    exponent = 0
    var written = 0
    var point: Int?
    var power = 0
    // "12.5", "1.25e-05" and "1e+16" are the three looks of `description`.
    var text = value.magnitude.description.utf8[...]
    while let character = text.popFirst() {
      switch character {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        digits.append(character - UInt8(ascii: "0"))
        written += 1
      case UInt8(ascii: "."):
        point = written
      default:
        power = Int(String(text) ?? "") ?? 0
        text = text[text.endIndex...]
      }
    }
    exponent = (point ?? written) + power
    let leading = digits.prefix { $0 == 0 }.count
    digits.removeFirst(leading)
    exponent -= leading
    trim()
  }

  /// Keeps `count` digits. A count below zero leaves nothing.
  mutating func round(toDigits count: Int) {
    guard count < digits.count else { return }
    guard count >= 0 else {
      digits = []
      exponent = 0
      return
    }
    let up = digits[count] >= 5
    digits.removeLast(digits.count - count)
    if up {
      var index = count - 1
      while index >= 0, digits[index] == 9 {
        digits[index] = 0
        index -= 1
      }
      if index >= 0 {
        digits[index] += 1
      } else {
        digits.insert(1, at: 0)
        exponent += 1
      }
    }
    trim()
  }

  private mutating func trim() {
    while digits.last == 0 { digits.removeLast() }
    if digits.isEmpty { exponent = 0 }
  }

  /// The digit that stands for 10^position; 0 outside.
  func digit(at position: Int) -> UInt8 {
    let index = exponent - 1 - position
    return digits.indices.contains(index) ? digits[index] : 0
  }
}

/// `value` with exactly `places` decimals, `1,234.50` when `grouped`. Zero never has a sign.
/// NaN and the infinities become `nan`, `inf`, `-inf`.
public func fixed(_ value: Double, places: Int, grouped: Bool = false) -> String {
  precondition(places >= 0)
  guard var decimal = DecimalDigits(value) else { return nonfinite(value) }
  decimal.round(toDigits: decimal.exponent + places)
  var text = ""
  for position in stride(from: max(decimal.exponent - 1, 0), through: -places, by: -1) {
    if position == -1 { text += "." }
    text.append(Character(UnicodeScalar(UInt8(ascii: "0") + decimal.digit(at: position))))
    if grouped, position > 0, position % 3 == 0 { text += "," }
  }
  return decimal.isNegative && !decimal.digits.isEmpty ? "-" + text : text
}

/// `value` to `digits` significant digits, trailing zeros left out: `0.0123`, `-1.5`, `12340`,
/// `1.2e-7`. Powers below 10⁻⁴ and from 10⁷ on are written with an exponent.
public func significant(_ value: Double, digits: Int = 4) -> String {
  precondition(digits >= 1)
  guard var decimal = DecimalDigits(value) else { return nonfinite(value) }
  decimal.round(toDigits: digits)
  guard !decimal.digits.isEmpty else { return "0" }
  let sign = decimal.isNegative ? "-" : ""
  let power = decimal.exponent - 1
  if power < -4 || power >= 7 {
    let figures = decimal.digits.map { Character(UnicodeScalar(UInt8(ascii: "0") + $0)) }
    let fraction = figures.count > 1 ? "." + String(figures[1...]) : ""
    return "\(sign)\(figures[0])\(fraction)e\(power)"
  }
  let places = max(decimal.digits.count - decimal.exponent, 0)
  var text = ""
  for position in stride(from: max(power, 0), through: -places, by: -1) {
    if position == -1 { text += "." }
    text.append(Character(UnicodeScalar(UInt8(ascii: "0") + decimal.digit(at: position))))
  }
  return sign + text
}

private func nonfinite(_ value: Double) -> String {
  value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
}
