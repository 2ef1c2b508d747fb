import Tensors

@testable import CSRM

/// A tensor of one block as a fuzzer makes it up: the few fields of an entry that a decoder goes by,
/// its parameters, and the section.
///
///     encoding 1 | element 1 | rows 2 | columns 2 | non-zeros 3 | length of the block, where it is
///     not the whole section, 3 | length of the parameters 2 | parameters | the section
///
/// Numbers are little-endian. The fuzzing targets (Tests/Fuzz) and the tests that replay what they
/// found read the same bytes.
struct FuzzedBlock {
  let entry: Entry
  let coding: any TensorCoding
  let stored: [UInt8]

  /// Decoded bytes that are tried at most: as many as no decoder treats otherwise than more.
  private static let mostBytes = 1 << 20
  private static let header = 14
  static let types: [ElementType] = [
    .float32, .float16, .bfloat16, .float64, ElementType(.int32), ElementType(.uint8),
    ElementType(.int64), ElementType(.float32, bigEndian: true),
  ]

  /// Those that have blocks.
  static var encodings: [Encoding] {
    Encoding.codings.filter { $0.blocks != .none }.map(\.encoding)
  }

  /// Nil where the bytes describe nothing that a reader would come to decode.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count > Self.header else { return nil }
    func number(_ range: Range<Int>) -> Int {
      range.reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
    }
    let encoding = Encoding(id: number(0..<1))
    let type = Self.types[number(1..<2) % Self.types.count]
    let shape = [number(2..<4), number(4..<6)]
    let count = shape[0] * shape[1]
    let nonzeros = number(6..<9)
    let block = number(9..<12)
    let parameters = Self.header..<Self.header + number(12..<14)
    guard let coding = encoding.coding, coding.blocks != .none, count > 0, count * type.size <= Self.mostBytes,
      nonzeros <= count, parameters.upperBound + block <= bytes.count,
      parameters.upperBound < bytes.count
    else { return nil }
    let geometry = Geometry(
      elementSize: type.size, shape: shape, count: count, blockElements: count)
    stored = Array(bytes[parameters.upperBound...])
    var made = Entry(
      kindCode: Entry.Kind.tensor.rawValue, name: "x", element: ElementCode(type), shape: shape,
      encoding: encoding, precision: 0, parameters: Array(bytes[parameters]), nonzeros: nonzeros,
      section: 0..<stored.count, alignment: coding.alignment(of: geometry),
      geometry: geometry, blockEnds: [block == 0 ? stored.count : block], blockChecksums: [0], checksum: 0)
    if encoding == .levels {
      // Opening a file refuses parameters that are wrong.
      guard let plane = try? LevelPlane.read(of: made) else { return nil }
      made.plane = plane
    }
    entry = made
    self.coding = coding
  }

  /// The same fields and bytes again, for a corpus.
  static func bytes(
    encoding: Encoding, type: Int, rows: Int, columns: Int, nonzeros: Int, block: Int,
    parameters: [UInt8], stored: [UInt8]
  ) -> [UInt8] {
    func number(_ value: Int, _ bytes: Int) -> [UInt8] {
      (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    return number(encoding.id, 1) + number(type, 1) + number(rows, 2) + number(columns, 2)
      + number(nonzeros, 3) + number(block == stored.count ? 0 : block, 3)
      + number(parameters.count, 2) + parameters + stored
  }

  /// Checks and decodes it as a reader does, every buffer as long as it says and no longer, so that
  /// AddressSanitizer sees a step beside it.
  func decode() throws(Malformed) {
    try coding.check(entry)
    let ranges = coding.pieces(of: 0, in: entry)
    precondition(ranges.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= stored.count })
    let pieces = ranges.map { range in
      let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: range.count, alignment: 64)
      piece.copyBytes(from: stored[range])
      return UnsafeRawBufferPointer(piece)
    }
    let out = UnsafeMutableRawBufferPointer.allocate(
      byteCount: entry.decodedBytes, alignment: 64)
    defer {
      for piece in pieces { piece.deallocate() }
      out.deallocate()
    }
    try coding.decode(pieces, block: 0, of: entry, into: out)
  }
}
