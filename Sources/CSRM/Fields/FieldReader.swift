/// Reads what `FieldWriter` writes, and trusts nothing: no count is believed beyond the bytes that
/// are left.
struct FieldReader {
  private let bytes: [UInt8]
  private(set) var position: Int
  private let end: Int
  /// How many things may still be read. Deflated, a thing takes a fraction of a byte in the file but
  /// a hundred in memory; readers of what was deflated set this from the stored size.
  var thingsLeft = Int.max

  init(_ bytes: [UInt8]) { self.init(bytes, 0..<bytes.count) }

  init(_ bytes: [UInt8], _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  var remaining: Int { end - position }
  var isAtEnd: Bool { position == end }

  mutating func byte() throws(Malformed) -> UInt8 {
    guard position < end else { throw Malformed("ends in the middle of a field") }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func varint() throws(Malformed) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 63, by: 7) {
      let next = try byte()
      guard shift < 63 || next <= 1 else { throw Malformed("has a varint over 64 bits") }
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 {
        guard next != 0 || shift == 0 else {
          throw Malformed("has a varint that is not in shortest form")
        }
        return value
      }
    }
    throw Malformed("has a varint over 64 bits")
  }

  /// A varint that fits an `Int`.
  mutating func size() throws(Malformed) -> Int {
    guard let value = Int(exactly: try varint()) else { throw Malformed("has a size over 63 bits") }
    return value
  }

  /// The number of things that follow, each of which takes at least `each` bytes of what is left.
  mutating func count(each: Int = 1) throws(Malformed) -> Int {
    let value = try size()
    guard value <= remaining / max(1, each) else {
      throw Malformed("counts \(value) things where \(remaining) bytes are left")
    }
    return value
  }

  /// The same, where each takes a value of its own in memory.
  mutating func things(each: Int = 1) throws(Malformed) -> Int {
    let value = try count(each: each)
    guard value <= thingsLeft else { throw Malformed("has more parts than its stored size allows") }
    thingsLeft -= value
    return value
  }

  mutating func fixed<Word: FixedWidthInteger>(_: Word.Type) throws(Malformed) -> Word {
    var value: Word = 0
    for index in 0..<(Word.bitWidth / 8) {
      value |= Word(truncatingIfNeeded: try byte()) << (8 * index)
    }
    return value
  }

  /// A little-endian 64-bit integer that fits an `Int`.
  mutating func fixedSize() throws(Malformed) -> Int {
    guard let value = Int(exactly: try fixed(UInt64.self)) else {
      throw Malformed("has a size over 63 bits")
    }
    return value
  }

  mutating func string() throws(Malformed) -> [UInt8] {
    let length = try count()
    defer { position += length }
    return Array(bytes[position..<position + length])
  }

  /// All bytes that are left.
  mutating func rest() throws(Malformed) -> [UInt8] {
    defer { position = end }
    return Array(bytes[position..<end])
  }

  /// Valid UTF-8 without NUL.
  mutating func text() throws(Malformed) -> String {
    let raw = try string()
    guard !raw.contains(0), let text = String(validating: raw, as: UTF8.self) else {
      throw Malformed("has a name that is not UTF-8 without NUL")
    }
    return text
  }

  /// A byte that is 0 or 1.
  mutating func flag() throws(Malformed) -> Bool {
    let value = try byte()
    guard value < 2 else { throw Malformed("has a flag of \(value)") }
    return value == 1
  }

  /// A byte that is one of an enumeration's raw values.
  mutating func choice<Choice: RawRepresentable>(
    _: Choice.Type, _ meaning: String
  ) throws(Malformed) -> Choice where Choice.RawValue == UInt8 {
    let value = try byte()
    guard let choice = Choice(rawValue: value) else { throw Malformed("has \(meaning) \(value)") }
    return choice
  }

  /// The next `length` bytes as a reader of their own; this one goes on behind them.
  mutating func part(_ length: Int) throws(Malformed) -> FieldReader {
    guard length <= remaining else { throw Malformed("ends in the middle of a field") }
    defer { position += length }
    return FieldReader(bytes, position..<position + length)
  }
}
