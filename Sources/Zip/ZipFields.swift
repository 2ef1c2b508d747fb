import Documents

/// Numbers of a zip structure, little-endian, read in order. Reading past the end gives nil.
struct ZipFields {
  private let bytes: ArraySlice<UInt8>
  private var place: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    place = bytes.startIndex
  }

  mutating func number(_ size: Int) -> UInt64? {
    guard let run = run(size) else { return nil }
    return run.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  mutating func uint16() -> UInt16? { number(2).map { UInt16($0) } }
  mutating func uint32() -> UInt32? { number(4).map { UInt32($0) } }

  /// A 64-bit number that has to be an offset or a size.
  mutating func offset64() -> Int? { number(8).flatMap { Int(exactly: $0) } }

  mutating func run(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= bytes.endIndex - place else { return nil }
    defer { place += count }
    return bytes[place..<place + count]
  }

  mutating func array(_ count: UInt16) -> [UInt8]? { run(Int(count)).map { Array($0) } }
}

extension [UInt8] {
  mutating func append16(_ value: UInt16) {
    append(contentsOf: [UInt8(value & 255), UInt8(value >> 8)])
  }
  mutating func append32(_ value: UInt32) {
    for i in 0..<4 { append(UInt8(value >> (8 * UInt32(i)) & 255)) }
  }
  mutating func append64(_ value: Int) { for i in 0..<8 { append(UInt8(value >> (8 * i) & 255)) } }
}

/// The extra field of a header: blocks of a number, a length and bytes (APPNOTE 4.5).
enum ZipExtra {
  static let zip64: UInt16 = 1

  /// Splits off the zip64 block. Where the field is no list of blocks, all of it is the rest.
  static func split(_ extra: [UInt8]) -> (zip64: ArraySlice<UInt8>?, rest: [UInt8]) {
    var fields = ZipFields(extra[...])
    var rest: [UInt8] = []
    var found: ArraySlice<UInt8>?
    var used = 0
    while let id = fields.uint16(), let size = fields.uint16(), let data = fields.run(Int(size)) {
      if id == zip64, found == nil {
        found = data
      } else {
        rest.append16(id)
        rest.append16(size)
        rest += data
      }
      used += 4 + data.count
    }
    rest += extra[used...]
    return (found, rest)
  }

  /// Puts a zip64 block with these numbers in front of the rest.
  static func joined(zip64 numbers: [Int], rest: [UInt8]) -> [UInt8] {
    if numbers.isEmpty { return rest }
    var extra: [UInt8] = []
    extra.append16(zip64)
    extra.append16(UInt16(numbers.count * 8))
    for number in numbers { extra.append64(number) }
    return extra + rest
  }
}
