import CKernels

/// Encoding 10, of planes of levels alone: for each block a bit an element, set where its level is not
/// zero, then those levels in fields of as few bits as hold them all. Where no level is zero there are
/// no mask bits.
struct BitFields: TensorCoding {
  let encoding = Encoding.bitFields
  let name = "fields"
  /// What levels there are; a reader has them from the parameters.
  private let span: LevelSpan

  init(_ span: LevelSpan = LevelSpan(below: 0, above: 0)) { self.span = span }

  /// Bits that tell so many levels apart.
  private static func width(_ span: LevelSpan) -> Int {
    span.count < 2 ? 0 : Int.bitWidth - (span.count - 1).leadingZeroBitCount
  }

  var parameters: [UInt8] {
    var fields = FieldWriter()
    fields.varint(span.below)
    fields.varint(span.above)
    return fields.bytes
  }

  private static func span(_ parameters: [UInt8]) throws(Malformed) -> LevelSpan {
    var fields = FieldReader(parameters)
    let (below, above) = (try fields.size(), try fields.size())
    guard fields.isAtEnd, below <= LevelSpan.most, above <= LevelSpan.most, below + above > 0 else {
      throw Malformed("has fields for \(below) and \(above) levels")
    }
    return LevelSpan(below: below, above: above)
  }

  private static func maskBytes(_ elements: Int, _ isDense: Bool) -> Int {
    isDense ? 0 : (elements + 7) / 8
  }

  private static func bytes(_ fields: Int, _ width: Int) -> Int { (fields * width + 7) / 8 }

  // MARK: Writing

  func storedBytes(of geometry: Geometry, nonzeros: Int) -> Int? { nil }

  func maskBytes(of geometry: Geometry, nonzeros: Int) -> Int? {
    guard geometry.count > 0 else { return 0 }
    let whole = geometry.count / geometry.blockElements
    let isDense = nonzeros == geometry.count
    return whole * Self.maskBytes(geometry.blockElements, isDense)
      + Self.maskBytes(geometry.count % geometry.blockElements, isDense)
  }

  func alignment(of geometry: Geometry) -> Int { 1 }

  func length(of block: BlockShape, run: Int) -> Int {
    Self.maskBytes(block.count, block.nonzerosInAll == block.geometry.count)
      + Self.bytes(block.nonzeros, Self.width(span))
  }

  func encode(
    _ block: BlockShape, _ words: UnsafeRawBufferPointer, run: Int,
    into out: UnsafeMutableRawBufferPointer
  ) throws -> Int {
    guard let start = out.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
    let isDense = block.nonzerosInAll == block.geometry.count
    let width = Self.width(span)
    let mask = Self.maskBytes(block.count, isDense)
    for i in 0..<mask { start[i] = 0 }
    var (at, held, bits) = (mask, UInt64(0), 0)
    for i in 0..<block.count {
      let level =
        block.geometry.elementSize == 1
        ? Int(Int8(bitPattern: words[i]))
        : Int(Int16(littleEndian: words.loadUnaligned(fromByteOffset: 2 * i, as: Int16.self)))
      if level == 0 { continue }
      if !isDense { start[i >> 3] |= 1 << UInt8(i & 7) }
      held |= UInt64(level < 0 ? level + span.below : level + span.below - 1) << UInt64(bits)
      bits += width
      while bits >= 8 {
        start[at] = UInt8(truncatingIfNeeded: held)
        (at, held, bits) = (at + 1, held >> 8, bits - 8)
      }
    }
    if bits > 0 {
      start[at] = UInt8(truncatingIfNeeded: held)
      at += 1
    }
    return at
  }

  // MARK: Reading

  func check(_ entry: Entry) throws(Malformed) {
    let span = try Self.span(entry.parameters)
    let kind = entry.type.kind
    guard
      kind == .int16 || kind == .int8 && span.below <= 128 && span.above <= 127,
      !entry.type.isBigEndian
    else { throw Malformed("has fields for levels that its plane does not hold") }
    try checkBlocksFillSection(entry)
    try checkBlockFits(entry)
    let isDense = entry.nonzeros == entry.count
    for block in 0..<entry.blockCount {
      let elements = entry.geometry.elements(of: block).count
      let (stored, mask) = (entry.storedBlock(block).count, Self.maskBytes(elements, isDense))
      let most = mask + Self.bytes(elements, Self.width(span))
      guard stored >= mask, stored <= most, !isDense || stored == most else {
        throw Malformed("has a block of fields of \(stored) bytes")
      }
    }
  }

  func decode(
    _ pieces: [UnsafeRawBufferPointer], block: Int, of entry: Entry,
    into out: UnsafeMutableRawBufferPointer
  ) throws(Malformed) {
    let span = try Self.span(entry.parameters)
    let width = Self.width(span)
    let isDense = entry.nonzeros == entry.count
    let elements = entry.geometry.elements(of: block).count
    let (stored, mask) = (pieces[0], Self.maskBytes(elements, isDense))
    guard let start = stored.baseAddress?.assumingMemoryBound(to: UInt8.self), stored.count >= mask
    else { throw Malformed("has an empty block") }
    let set = isDense ? elements : Int(ck_popcount(start, mask))
    guard set <= elements, stored.count == mask + Self.bytes(set, width) else {
      throw Malformed("has \(stored.count) bytes for \(set) fields of \(width) bits")
    }
    guard isDense || elements & 7 == 0 || start[mask - 1] >> UInt8(elements & 7) == 0 else {
      throw Malformed("has a mask bit behind its last element")
    }
    let isWide = entry.element.size == 2
    var (at, held, bits) = (mask, UInt64(0), 0)
    for i in 0..<elements {
      var level = 0
      if isDense || start[i >> 3] >> UInt8(i & 7) & 1 == 1 {
        while bits < width {
          // As many bytes as fields take are there.
          held |= UInt64(start[at]) << UInt64(bits)
          (at, bits) = (at + 1, bits + 8)
        }
        let field = Int(held & (1 << UInt64(width) - 1))
        (held, bits) = (held >> UInt64(width), bits - width)
        guard field < span.count else { throw Malformed("has a field \(field) of no level") }
        level = field < span.below ? field - span.below : field - span.below + 1
      }
      if isWide {
        out.storeBytes(
          of: Int16(truncatingIfNeeded: level).littleEndian, toByteOffset: 2 * i, as: Int16.self)
      } else {
        out[i] = UInt8(truncatingIfNeeded: level)
      }
    }
    guard held == 0 else { throw Malformed("has bits behind its last field") }
  }
}
