/// `text` with nothing in it that a terminal would act on: control characters (C0, DEL, C1) and
/// line separators become `\xHH` or `\u{H}`, and so do the marks that turn the direction of writing,
/// which could make one name look like another.
public func visible(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isActive) else { return text }
  var result = ""
  for scalar in text.unicodeScalars {
    guard isActive(scalar) else {
      result.unicodeScalars.append(scalar)
      continue
    }
    let digits = String(scalar.value, radix: 16)
    result +=
      scalar.value < 0x100 ? "\\x" + (digits.count == 1 ? "0" : "") + digits : "\\u{\(digits)}"
  }
  return result
}

private func isActive(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
  case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
  default: false
  }
}

/// `text` in at most `width` columns: the middle of a name gives way to `…`, since a tensor's name
/// begins with its layer and ends with what it is there.
public func elided(_ text: String, to width: Int) -> String {
  guard displayWidth(text) > width else { return text }
  guard width > 1 else { return width == 1 ? "…" : "" }
  let head = (width - 1) / 2
  let tail = width - 1 - head
  return prefix(of: text, width: head) + "…" + suffix(of: text, width: tail)
}

private func prefix(of text: String, width: Int) -> String {
  var room = width
  return String(
    text.prefix { character in
      room -= displayWidth(of: character)
      return room >= 0
    })
}

private func suffix(of text: String, width: Int) -> String {
  var room = width
  var start = text.endIndex
  while start > text.startIndex {
    let before = text.index(before: start)
    room -= displayWidth(of: text[before])
    guard room >= 0 else { break }
    start = before
  }
  return String(text[start...])
}

/// The words of `text` in lines of at most `width` columns; a word that is longer has its own line.
func wrapped(_ text: String, to width: Int) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ", omittingEmptySubsequences: true) {
    if line.isEmpty {
      line = String(word)
    } else if displayWidth(line) + 1 + displayWidth(word) <= width {
      line += " " + word
    } else {
      lines.append(line)
      line = String(word)
    }
  }
  if !line.isEmpty { lines.append(line) }
  return lines
}
