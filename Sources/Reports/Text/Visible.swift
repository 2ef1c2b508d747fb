/// `text` with nothing in it that a terminal would act on or that cannot be seen: control characters
/// and line separators become `\xHH` or `\u{H}`, and so do the marks that turn the direction of
/// writing and invisible characters, which could make one name look like another.
public func visible(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isHarmful) else { return text }
  var result = ""
  for scalar in text.unicodeScalars {
    guard isHarmful(scalar) else {
      result.unicodeScalars.append(scalar)
      continue
    }
    let digits = String(scalar.value, radix: 16)
    // `\xHH` is also how names write a byte that is part of no character: the same byte below 0x80.
    result +=
      scalar.value < 0x80 ? "\\x" + (digits.count == 1 ? "0" : "") + digits : "\\u{\(digits)}"
  }
  return result
}

private func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
  // Joiners are part of how emoji and several scripts are written.
  if isPlain(scalar) || scalar.value == 0x200C || scalar.value == 0x200D { return false }
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: return true
  default: return false
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
/// A unit stays with its number.
func wrapped(_ text: String, to width: Int) -> [String] {
  let units: Set<Substring> = ["%", "B", "kB", "MB", "GB", "TB", "s", "min", "h"]
  var words: [String] = []
  for word in text.split(separator: " ", omittingEmptySubsequences: true) {
    let bare = word.prefix { $0.isLetter || $0 == "%" }
    if units.contains(bare), let last = words.last?.last, last.isNumber {
      words[words.count - 1] += " " + word
    } else {
      words.append(String(word))
    }
  }
  var lines: [String] = []
  for word in words {
    if let line = lines.last, displayWidth(line) + 1 + displayWidth(word) <= width {
      lines[lines.count - 1] = line + " " + word
    } else {
      lines.append(word)
    }
  }
  return lines
}
