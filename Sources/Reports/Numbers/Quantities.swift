/// `1234567` as `1,234,567`.
public func grouped(_ count: Int) -> String {
  let digits = Array(String(count.magnitude))
  var text = count < 0 ? "-" : ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index) % 3 == 0 { text += "," }
    text.append(digit)
  }
  return text
}

/// A share of 0…1 as `90.00 %`. Only an exact 0 and an exact 1 are shown as `0.00 %` and
/// `100.00 %`: what merely rounds to them is `<0.01 %` and `>99.99 %`, since one weight left of a
/// million is not none. nil (nothing to take a share of) is `–`.
public func percent(_ share: Double?, places: Int = 2) -> String {
  guard let share else { return "–" }
  let text = fixed(share * 100, places: places)
  let zero = fixed(0, places: places)
  let whole = fixed(100, places: places)
  if text == zero, share > 0 {
    return "<" + zero.dropLast() + "1 %"
  }
  if text == whole, share < 1 {
    return ">99" + (places > 0 ? "." + String(repeating: "9", count: places) : "") + " %"
  }
  return text + " %"
}

/// Bytes to three figures, in decimal units: kB = 1,000 bytes, MB = 1,000,000, as disks and
/// `ls --si` count; kibibytes are never meant. `512 B`, `36.1 kB`, `3.59 MB`.
public func byteSize(_ bytes: Int) -> String {
  let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
  guard bytes >= 1000 else { return "\(bytes) B" }
  var value = Double(bytes)
  var unit = 0
  while value >= 1000 {
    value /= 1000
    unit += 1
  }
  func figures(_ value: Double) -> String {
    fixed(value, places: value < 9.995 ? 2 : value < 99.95 ? 1 : 0)
  }
  // 999,700 bytes are 1.00 MB and not 1000 kB.
  if figures(value) == "1000", unit + 1 < units.count {
    value /= 1000
    unit += 1
  }
  return figures(value) + " " + units[unit]
}

/// How many times smaller: `27.3×`, `1.05×`. nil is `–`.
public func factor(_ ratio: Double?) -> String {
  guard let ratio else { return "–" }
  return fixed(ratio, places: ratio < 9.995 ? 2 : 1, grouped: true) + "×"
}

/// Seconds as a person says them: `0.042 s`, `8.3 s`, `3 min 05 s`, `2 h 07 min`.
public func duration(_ seconds: Double) -> String {
  if seconds < 0.9995 { return fixed(seconds, places: 3) + " s" }
  if seconds < 59.95 { return fixed(seconds, places: 1) + " s" }
  guard seconds < 360_000_000 else { return significant(seconds / 3600) + " h" }
  let whole = Int(seconds.rounded())
  func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
  return whole < 3600
    ? "\(whole / 60) min \(twoDigits(whole % 60)) s"
    : "\(whole / 3600) h \(twoDigits(whole % 3600 / 60)) min"
}

/// A tensor's shape as `3×3×16×32`; a scalar's is `scalar`.
public func shapeText(_ shape: [Int], by times: String = "×") -> String {
  shape.isEmpty ? "scalar" : shape.map(String.init).joined(separator: times)
}

/// `1 tensor`, `2 tensors`, `1,000 tensors`.
public func counted(_ count: Int, _ noun: String) -> String {
  "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
}
