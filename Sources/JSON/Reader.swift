extension JSON {
  /// What a reader takes beyond RFC 8259.
  public struct ReadingOptions: Sendable {
    /// `NaN`, `Infinity` and `-Infinity`, as Python's json module writes them.
    public var acceptsNonFinite: Bool
    /// The three bytes of UTF-8's byte order mark in front.
    public var acceptsByteOrderMark: Bool
    /// Levels of arrays and objects.
    public var maximumDepth: Int

    public init(
      acceptsNonFinite: Bool = false, acceptsByteOrderMark: Bool = false, maximumDepth: Int = 1000
    ) {
      self.acceptsNonFinite = acceptsNonFinite
      self.acceptsByteOrderMark = acceptsByteOrderMark
      self.maximumDepth = maximumDepth
    }

    public static let strict = ReadingOptions()
    /// Whatever Python's `json.loads` takes.
    public static let python = ReadingOptions(acceptsNonFinite: true, acceptsByteOrderMark: true)
  }

  /// The one value of a JSON text in UTF-8.
  public static func parse(
    _ bytes: [UInt8], options: ReadingOptions = .strict
  ) throws(JSONError) -> Value {
    // `withUnsafeBufferPointer` does not carry a typed error out, a Result does.
    try bytes.withUnsafeBufferPointer { buffer in
      Result { () throws(JSONError) in try parse(buffer, options: options) }
    }.get()
  }

  public static func parse(
    _ text: String, options: ReadingOptions = .strict
  ) throws(JSONError) -> Value {
    try parse(Array(text.utf8), options: options)
  }

  public static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, options: ReadingOptions = .strict
  ) throws(JSONError) -> Value {
    var reader = Reader(bytes, options)
    return try reader.document()
  }
}

/// Reads one text front to back. Nesting lives in `frames`, not on the stack of the thread.
private struct Reader {
  let bytes: UnsafeBufferPointer<UInt8>
  let options: JSON.ReadingOptions
  var place = 0

  /// An array or object that is not closed yet: its values (and keys) are the last of `values`
  /// (and `keys`).
  struct Frame {
    let isObject: Bool
    let firstValue: Int
    let firstKey: Int
  }
  var frames: [Frame] = []
  var values: [JSON.Value] = []
  var keys: [String] = []

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ options: JSON.ReadingOptions) {
    self.bytes = bytes
    self.options = options
  }

  func failure(_ problem: JSONError.Problem, at offset: Int? = nil) -> JSONError {
    let offset = min(offset ?? place, bytes.count)
    var line = 1
    for i in 0..<offset where bytes[i] == 0x0A { line += 1 }
    return JSONError(problem: problem, offset: offset, line: line)
  }

  /// The byte at `place`, or nil at the end.
  var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  mutating func skipSpace() {
    while place < bytes.count {
      switch bytes[place] {
      case 0x20, 0x0A, 0x0D, 0x09: place += 1
      default: return
      }
    }
  }

  mutating func document() throws(JSONError) -> JSON.Value {
    if options.acceptsByteOrderMark, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
    skipSpace()
    if next == nil { throw failure(.empty) }
    repeat {
      try value()
      try closeWhatEnds()
    } while !frames.isEmpty
    skipSpace()
    if next != nil { throw failure(.trailing) }
    return values[0]
  }

  /// Reads a scalar whole, or opens arrays and objects up to the first scalar or empty one.
  mutating func value() throws(JSONError) {
    while true {
      skipSpace()
      guard let byte = next else { throw failure(.endsEarly) }
      switch byte {
      case UInt8(ascii: "["):
        try open(isObject: false)
        if next == UInt8(ascii: "]") { return }
      case UInt8(ascii: "{"):
        try open(isObject: true)
        if next == UInt8(ascii: "}") { return }
        try key()
      case UInt8(ascii: "\""):
        values.append(.string(try string()))
        return
      case UInt8(ascii: "t"): return try word("true", .bool(true))
      case UInt8(ascii: "f"): return try word("false", .bool(false))
      case UInt8(ascii: "n"): return try word("null", .null)
      case UInt8(ascii: "N"): return try nonFinite("NaN", .nan)
      case UInt8(ascii: "I"): return try nonFinite("Infinity", .infinity)
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
      default: throw failure(.expected("a value"))
      }
    }
  }

  mutating func open(isObject: Bool) throws(JSONError) {
    guard frames.count < options.maximumDepth else {
      throw failure(.tooDeep(limit: options.maximumDepth))
    }
    frames.append(Frame(isObject: isObject, firstValue: values.count, firstKey: keys.count))
    place += 1
    skipSpace()
  }

  /// After a value: a comma goes on with the innermost frame, a bracket closes it, and so on.
  mutating func closeWhatEnds() throws(JSONError) {
    while let frame = frames.last {
      skipSpace()
      guard let byte = next else { throw failure(.endsEarly) }
      if byte == (frame.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
        place += 1
        close(frame)
      } else if byte == UInt8(ascii: ","), values.count > frame.firstValue {
        place += 1
        if frame.isObject {
          skipSpace()
          try key()
        }
        return
      } else {
        throw failure(.expected(frame.isObject ? "',' or '}'" : "',' or ']'"))
      }
    }
  }

  mutating func close(_ frame: Frame) {
    frames.removeLast()
    // Built in a call of its own: a slice still held here would make `removeLast` copy the array.
    let whole = collect(frame)
    values.removeLast(values.count - frame.firstValue)
    keys.removeLast(keys.count - frame.firstKey)
    values.append(whole)
  }

  func collect(_ frame: Frame) -> JSON.Value {
    frame.isObject
      ? .object(JSON.Object(keys: keys[frame.firstKey...], values: values[frame.firstValue...]))
      : .array(Array(values[frame.firstValue...]))
  }

  mutating func key() throws(JSONError) {
    guard let byte = next else { throw failure(.endsEarly) }
    guard byte == UInt8(ascii: "\"") else { throw failure(.expected("a key in quotes")) }
    keys.append(try string())
    skipSpace()
    guard let colon = next else { throw failure(.endsEarly) }
    guard colon == UInt8(ascii: ":") else { throw failure(.expected("':'")) }
    place += 1
  }

  mutating func word(_ text: StaticString, _ value: JSON.Value) throws(JSONError) {
    try spell(text)
    values.append(value)
  }

  mutating func nonFinite(_ text: StaticString, _ value: Double) throws(JSONError) {
    let start = place
    try spell(text)
    guard options.acceptsNonFinite else { throw failure(.nonFinite, at: start) }
    values.append(.double(value))
  }

  mutating func spell(_ text: StaticString) throws(JSONError) {
    let start = place
    for i in 0..<text.utf8CodeUnitCount {
      guard let byte = next else { throw failure(.endsEarly) }
      guard byte == text.utf8Start[i] else { throw failure(.expected("a value"), at: start) }
      place += 1
    }
  }

  mutating func number() throws(JSONError) {
    let start = place
    if next == UInt8(ascii: "-") {
      place += 1
      if next == UInt8(ascii: "I") { return try nonFinite("Infinity", -.infinity) }
    }
    let firstDigit = place
    skipDigits()
    let digits = place - firstDigit
    if digits == 0 || (digits > 1 && bytes[firstDigit] == UInt8(ascii: "0")) {
      throw failure(.badNumber, at: start)
    }
    var isInteger = true
    if next == UInt8(ascii: ".") {
      isInteger = false
      place += 1
      if skipDigits() == 0 { throw failure(.badNumber, at: start) }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isInteger = false
      place += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { place += 1 }
      if skipDigits() == 0 { throw failure(.badNumber, at: start) }
    }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    if isInteger {
      values.append(.number(Int(text).map { .integer($0) } ?? .bigInteger(text)))
    } else {
      guard let value = Double(text) else { throw failure(.badNumber, at: start) }
      values.append(.double(value))
    }
  }

  @discardableResult
  mutating func skipDigits() -> Int {
    let start = place
    while let byte = next, byte >= 0x30, byte <= 0x39 { place += 1 }
    return place - start
  }

  /// Reads a string from its opening quote on.
  mutating func string() throws(JSONError) -> String {
    place += 1
    let start = place
    // A byte 0xF4 may begin a character that stands for a lone surrogate (see `LoneSurrogate`).
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20,
      byte != 0xF4
    {
      place += 1
    }
    guard let byte = next else { throw failure(.endsEarly) }
    guard byte == UInt8(ascii: "\"") else { return try escapedString(from: start) }
    let run = UnsafeBufferPointer(rebasing: bytes[start..<place])
    guard let text = String(validating: run, as: UTF8.self) else {
      throw failure(.notUTF8, at: start)
    }
    place += 1
    return text
  }

  /// The rest of a string that began at `start` and is not only plain bytes.
  mutating func escapedString(from start: Int) throws(JSONError) -> String {
    var text = Array(bytes[start..<place])
    while true {
      guard let byte = next else { throw failure(.endsEarly) }
      switch byte {
      case UInt8(ascii: "\""):
        guard let whole = String(validating: text, as: UTF8.self) else {
          throw failure(.notUTF8, at: start)
        }
        place += 1
        return whole
      case UInt8(ascii: "\\"):
        place += 1
        try escape(into: &text)
      case 0..<0x20: throw failure(.controlCharacter)
      case 0xF4 where privateCharacter != nil:
        append(privateCharacter ?? 0, to: &text)
        place += 4
      default:
        text.append(byte)
        place += 1
      }
    }
  }

  /// The character at `place` where it is one of those that stand for lone surrogates.
  var privateCharacter: UInt32? {
    guard place + 4 <= bytes.count, bytes[place + 1] == 0x8F, bytes[place + 2] & 0xE0 == 0xA0,
      bytes[place + 3] & 0xC0 == 0x80
    else { return nil }
    return 0x10F000 | UInt32(bytes[place + 2] & 0x3F) << 6 | UInt32(bytes[place + 3] & 0x3F)
  }

  mutating func escape(into text: inout [UInt8]) throws(JSONError) {
    guard let byte = next else { throw failure(.endsEarly) }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      let unit = try hexadecimal()
      if (0xD800..<0xDC00).contains(unit), place + 6 <= bytes.count,
        bytes[place] == UInt8(ascii: "\\"), bytes[place + 1] == UInt8(ascii: "u")
      {
        let mark = place
        place += 2
        let low = try hexadecimal()
        if (0xDC00..<0xE000).contains(low) {
          append(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00), to: &text)
          return
        }
        place = mark
      }
      append(unit, to: &text)
    default: throw failure(.badEscape, at: place - 2)
    }
  }

  mutating func hexadecimal() throws(JSONError) -> UInt32 {
    guard place + 4 <= bytes.count else { throw failure(.endsEarly, at: bytes.count) }
    var value: UInt32 = 0
    for i in place..<place + 4 {
      switch bytes[i] {
      case 0x30...0x39: value = value << 4 | UInt32(bytes[i] - 0x30)
      case 0x41...0x46: value = value << 4 | UInt32(bytes[i] - 0x41 + 10)
      case 0x61...0x66: value = value << 4 | UInt32(bytes[i] - 0x61 + 10)
      default: throw failure(.badEscape)
      }
    }
    place += 4
    return value
  }

  /// Appends a code point in UTF-8, surrogates as their stand-ins.
  func append(_ code: UInt32, to text: inout [UInt8]) {
    var codes = [code]
    if (0xD800..<0xE000).contains(code) {
      codes = [LoneSurrogate.standIn(for: code)]
    } else if LoneSurrogate.surrogate(of: code) != nil {
      let pair = code - 0x10000
      codes = [0xD800 + pair >> 10, 0xDC00 + pair & 0x3FF].map(LoneSurrogate.standIn)
    }
    for code in codes {
      if let scalar = Unicode.Scalar(code) { text.append(contentsOf: scalar.utf8) }
    }
  }
}
