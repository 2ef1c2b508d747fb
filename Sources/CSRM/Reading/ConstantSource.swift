import Files

/// A section of one element that stands for all.
final class ConstantSource: ByteSource {
  private let packed: PackedBytes
  private let entry: Entry

  init(_ packed: PackedBytes, _ entry: Entry) {
    self.packed = packed
    self.entry = entry
  }

  var count: Int { entry.decodedBytes }
  var storedCount: Int { entry.storedBytes }

  func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    if range.isEmpty { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    let size = entry.element.size
    // Whole elements around the range, since it may begin in the middle of one.
    let start = range.lowerBound / size * size
    let room = (range.upperBound + size - 1) / size * size - start
    try check()
    return try withScratch(room) { scratch in
      try packed.decode(0, of: entry, ConstantCoding(), into: scratch)
      return try body(
        UnsafeRawBufferPointer(
          rebasing: scratch[range.lowerBound - start..<range.upperBound - start]))
    }
  }

  /// The checksum of so many equal elements takes no more steps than their number has bits.
  func check() throws {
    var checksum: UInt32 = 0
    try packed.withBlock(0, of: entry, ConstantCoding()) { pieces in
      var power = Checksum.of(pieces[0])
      var length = pieces[0].count
      var left = entry.count
      while left > 0 {
        if left & 1 == 1 { checksum = Checksum.combine(checksum, power, lengthOfB: length) }
        left >>= 1
        guard left > 0 else { break }
        power = Checksum.combine(power, power, lengthOfB: length)
        length *= 2
      }
    }
    try packed.check(checksum, decoded: entry)
  }
}
