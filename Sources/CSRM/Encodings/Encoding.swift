/// How a tensor's elements are stored. Every encoding is one file in this folder and one line in
/// `codings`; numbers are given once and for ever (csrm(5), ENCODINGS).
public struct Encoding: Hashable, Sendable, CustomStringConvertible {
  /// The number in the directory.
  public let id: Int

  init(id: Int) { self.id = id }

  /// Elements as they are.
  public static let raw = Encoding(id: 0)
  /// Compressed sparse rows: row pointers, columns, values, each mappable.
  public static let csr = Encoding(id: 1)
  /// A bit an element, then the non-zero ones.
  public static let bitmask = Encoding(id: 2)
  /// Floats by tables that hold for the whole tensor.
  public static let `static` = Encoding(id: 3)
  /// Numbers by probabilities that learn as they go.
  public static let small = Encoding(id: 4)
  /// Numbers by predictions from all around, mixed.
  public static let mixed = Encoding(id: 5)
  /// One element that all are equal to.
  public static let constant = Encoding(id: 6)
  /// Byte planes, deflated.
  public static let deflate = Encoding(id: 7)

  /// In the pool of its type, with other small tensors.
  public static let pooled = Encoding(id: 8)
  /// A plane of levels, or of narrower numbers, and what they stand for.
  public static let levels = Encoding(id: 9)
  /// A bit an element, then levels in as few bits as tell them apart. Of planes alone.
  static let bitFields = Encoding(id: 10)

  /// All that this version writes and reads. Where two take the same bytes, the first one is
  /// chosen.
  static let codings: [any TensorCoding] = [
    RawCoding(), ConstantCoding(), BitmaskCoding(), CompressedRows(), DeflateCoding(),
    StaticCoding(),
    SmallCoding(), MixedCoding(), PooledCoding(), LevelsCoding(),
  ]

  /// Those that the plane of `levels` may be in: all that cut it into the same blocks, each in one
  /// piece.
  static let planeCodings: [any TensorCoding] =
    codings.filter { $0.blocks == .asCut && $0.runs == 1 && $0.encoding != .levels }
    + [BitFields()]

  /// All that this version reads and writes.
  public static var known: [Encoding] { codings.map(\.encoding) }

  /// What encodes and decodes it; nil for a number that this version does not know.
  var coding: (any TensorCoding)? { Encoding.codings.first { $0.encoding == self } }

  public var description: String { coding?.name ?? "encoding \(id)" }

  /// The smallest of the encodings whose size follows from counts alone, and its bytes, for a
  /// tensor of `count` elements in `rows` × `columns` of which `nonzeros` have a bit set.
  /// Directory and padding aside, `pack --level fast` stores as many, unless all elements turn out
  /// to be equal or integers deflate better.
  public static func estimate(
    count: Int, nonzeros: Int, rows: Int, columns: Int, elementSize: Int
  ) -> (encoding: Encoding, bytes: Int) {
    let geometry = Geometry(elementSize: elementSize, count: count, rows: rows, columns: columns)
    var best = (encoding: Encoding.raw, bytes: geometry.byteCount)
    for coding in codings {
      let bytes =
        coding.encoding == .constant
        ? (nonzeros == 0 && count > 0 ? elementSize : nil)
        : coding.storedBytes(of: geometry, nonzeros: nonzeros)
      if let bytes, bytes < best.bytes { best = (coding.encoding, bytes) }
    }
    return best
  }
}
