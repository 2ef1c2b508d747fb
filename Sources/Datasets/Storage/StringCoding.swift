import Files

/// How the strings of an array are stored.
enum StringCoding: Sendable {
  /// So many bytes each, filled up with zeros (or spaces, which HDF5 allows).
  case bytes(Int)
  /// NumPy's `U`: so many characters of four bytes each, filled up with zeros.
  case wide(Int, bigEndian: Bool)
  /// `Datatype`'s portable form of variable-length strings.
  case portable
}

extension StringCoding {
  /// All strings of `source`, as bytes of UTF-8 in order.
  func forEach(_ source: any ByteSource, _ body: ([UInt8]) throws -> Void) throws {
    switch self {
    case .bytes(let width):
      try pieces(of: source, width) { item in
        var end = item.firstIndex(of: 0) ?? item.endIndex
        while end > item.startIndex, item[end - 1] == UInt8(ascii: " ") { end -= 1 }
        try body(Array(item[..<end]))
      }
    case .wide(let characters, let bigEndian):
      try pieces(of: source, characters * 4) { item in
        var text = String.UnicodeScalarView()
        for place in 0..<characters {
          let code = (0..<4).reduce(UInt32(0)) {
            $0 << 8 | UInt32(item[item.startIndex + 4 * place + (bigEndian ? $1 : 3 - $1)])
          }
          if code == 0 { break }
          text.append(Unicode.Scalar(code) ?? "\u{FFFD}")
        }
        try body(Array(String(text).utf8))
      }
    case .portable:
      let bytes = try source.bytes()
      var at = 0
      while at < bytes.count {
        var length = 0
        var shift = 0
        while at < bytes.count {
          length |= Int(bytes[at] & 127) << min(shift, 56)
          shift += 7
          at += 1
          if bytes[at - 1] < 128 { break }
        }
        let end = min(bytes.count, at + max(0, length - 1))
        try body(Array(bytes[at..<end]))
        at = end
      }
    }
  }

  private func pieces(
    of source: any ByteSource, _ width: Int,
    _ body: (UnsafeRawBufferPointer.SubSequence) throws -> Void
  ) throws {
    guard width > 0 else { return }
    let piece = max(1, (1 << 20) / width) * width
    for start in stride(from: 0, to: source.count, by: piece) {
      try source.withBytes(start..<min(source.count, start + piece)) { bytes in
        for item in stride(from: 0, to: bytes.count, by: width) {
          try body(bytes[item..<item + width])
        }
      }
    }
  }
}
