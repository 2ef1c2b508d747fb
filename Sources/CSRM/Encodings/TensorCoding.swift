/// One way to store a tensor: its exact size from counts, how blocks are written, and how what is
/// read is checked.
protocol TensorCoding: Sendable {
  var encoding: Encoding { get }
  var name: String { get }

  /// The bytes of the whole section, padding inside included; nil where this encoding cannot hold
  /// such a tensor, or where the size does not follow from counts.
  func storedBytes(of geometry: Geometry, nonzeros: Int) -> Int?

  /// What the directory keeps of this encoding beside the blocks; empty for most.
  var parameters: [UInt8] { get }

  /// Bytes of the section that say where the non-zeros are; nil where they are not told apart from
  /// those that say what they are.
  func maskBytes(of geometry: Geometry, nonzeros: Int) -> Int?

  /// How a tensor's blocks are stored.
  var blocks: BlockUse { get }

  /// Where a section begins: at a multiple of so many bytes.
  func alignment(of geometry: Geometry) -> Int

  /// A section is written in so many runs, each over all blocks; padding to `alignment` lies
  /// between them. Block i is stored as its piece of each run.
  var runs: Int { get }

  /// The bytes of a block's piece of a run; where only encoding tells, the most it can be.
  func length(of block: BlockShape, run: Int) -> Int

  /// Writes the piece of a run for a block with these elements; returns its bytes. `out` has room
  /// for `length` and 64 bytes more.
  func encode(
    _ block: BlockShape, _ words: UnsafeRawBufferPointer, run: Int,
    into out: UnsafeMutableRawBufferPointer
  ) throws -> Int

  /// Whether an entry read from a directory can be what this encoding writes: lengths against
  /// shape and non-zeros. Called before anything is allocated for it, and before any block is read.
  func check(_ entry: Entry) throws(Malformed)

  /// Where in the section a block's pieces lie, one range for each run.
  func pieces(of block: Int, in entry: Entry) -> [Range<Int>]

  /// Decodes a block from its pieces into exactly its decoded bytes. Whatever the pieces hold,
  /// nothing is read or written outside them and `out`; throws where they are not what an encoder
  /// makes.
  func decode(
    _ pieces: [UnsafeRawBufferPointer], block: Int, of entry: Entry,
    into out: UnsafeMutableRawBufferPointer
  ) throws(Malformed)
}

/// What becomes of the blocks that a tensor is cut into.
enum BlockUse {
  /// Each is stored.
  case asCut
  /// One is stored that stands for all.
  case single
  /// None is stored.
  case none

  /// The geometry that the directory keeps.
  func geometry(_ geometry: Geometry) -> Geometry {
    switch self {
    case .asCut: geometry
    case .single, .none: geometry.inOneBlock
    }
  }

  /// The blocks that are stored of a geometry that the directory keeps.
  func count(_ geometry: Geometry) -> Int { self == .none ? 0 : geometry.blockCount }
}

/// One block on its way into the file.
struct BlockShape {
  let geometry: Geometry
  let block: Int
  /// Non-zeros in this block, in all blocks before it, and in the tensor.
  let nonzeros: Int
  let nonzerosBefore: Int
  let nonzerosInAll: Int

  /// Elements in this block.
  var count: Int { geometry.elements(of: block).count }
  var isLast: Bool { block == geometry.blockCount - 1 }
}

extension TensorCoding {
  var runs: Int { 1 }
  var parameters: [UInt8] { [] }
  var blocks: BlockUse { .asCut }

  func maskBytes(of geometry: Geometry, nonzeros: Int) -> Int? { nil }

  func pieces(of block: Int, in entry: Entry) -> [Range<Int>] { [entry.storedBlock(block)] }

  /// For encodings whose blocks lie one after another with nothing between them.
  func checkBlocksFillSection(_ entry: Entry) throws(Malformed) {
    guard (entry.blockEnds.last ?? 0) == entry.storedBytes else {
      throw Malformed(
        "has blocks of \(entry.blockEnds.last ?? 0) bytes in a section of \(entry.storedBytes)")
    }
  }

  func checkNoParameters(_ entry: Entry) throws(Malformed) {
    guard entry.parameters.isEmpty else {
      throw Malformed("has parameters that its encoding does not")
    }
  }

  /// A reader must be able to hold a decoded block.
  func checkBlockFits(_ entry: Entry) throws(Malformed) {
    guard entry.geometry.fitsBlocks else { throw Malformed("has blocks of more than 128 MiB") }
  }
}
