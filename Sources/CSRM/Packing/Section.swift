import CKernels
import Files
import Parallel
import Tensors

/// One entry's elements, scanned, with the encoding chosen and its size known to the byte.
struct Section {
  let item: PackItem
  let geometry: Geometry
  let scan: TensorScan
  let coding: any TensorCoding
  let storedBytes: Int
  /// Stored bytes of each block.
  let blockLengths: [Int]
  /// The blocks as they are stored, where finding their size made them and they are few.
  private let ready: [[UInt8]]
  /// What to clear on the way.
  private let cleared: UInt64?

  /// Deflated blocks that are kept from the sizing for the writing, in bytes.
  private static let mostReady = 32 << 20

  /// Scans the elements and chooses. `checksums` are needed only for writing.
  init(_ item: PackItem, _ options: PackOptions, checksums: Bool) throws {
    let geometry = try item.geometry(options)
    let scan = try TensorScan(
      item.source, geometry, type: item.type, canonicalZero: options.canonicalZero,
      checksums: checksums)
    self.item = item
    self.geometry = geometry
    self.scan = scan
    cleared = options.canonicalZero ? item.type.negativeZero : nil
    let candidates = item.candidates(options)
    let (chosen, size) = Section.smallest(
      candidates, geometry, nonzeros: scan.nonzerosInAll, isUniform: scan.isUniform)
    var coding = chosen
    var best = size
    var deflated: (lengths: [Int], ready: [[UInt8]])?
    if candidates.contains(where: { $0.encoding == .deflate }), best > Section.tooSmallToDeflate,
      geometry.fitsBlocks, !scan.isUniform
    {
      let tried = try Section.deflate(item, geometry, scan, keeping: checksums)
      let total = tried.lengths.reduce(0, +)
      if total < best {
        best = total
        coding = DeflateCoding()
        deflated = tried
      }
    }
    self.coding = coding
    storedBytes = best
    ready = deflated?.ready ?? []
    if let deflated {
      blockLengths = deflated.lengths
    } else if coding.encoding == .constant {
      blockLengths = [item.type.size]
    } else {
      blockLengths = (0..<geometry.blockCount).map { block in
        let shape = Section.shape(geometry, scan, block)
        return (0..<coding.runs).reduce(0) { $0 + coding.length(of: shape, run: $1) }
      }
    }
  }

  /// A deflate stream of anything has more bytes than this.
  private static let tooSmallToDeflate = 8

  /// The smallest encoding whose size follows from counts.
  private static func smallest(
    _ candidates: [any TensorCoding], _ geometry: Geometry, nonzeros: Int, isUniform: Bool
  ) -> (any TensorCoding, Int) {
    var best: (coding: any TensorCoding, bytes: Int) = (RawCoding(), geometry.byteCount)
    for coding in candidates {
      let bytes =
        coding.encoding == .constant
        ? (isUniform ? geometry.elementSize : nil)
        : coding.storedBytes(of: geometry, nonzeros: nonzeros)
      if let bytes, bytes < best.bytes { best = (coding, bytes) }
    }
    return best
  }

  /// Bytes less that clearing -0.0 would leave.
  func canonicalZeroSaving(_ options: PackOptions) -> Int {
    guard scan.negativeZerosInAll > 0, !options.canonicalZero else { return 0 }
    let left = scan.nonzerosInAll - scan.negativeZerosInAll
    let (_, bytes) = Section.smallest(
      item.candidates(options), geometry, nonzeros: left, isUniform: left == 0)
    return max(0, storedBytes - bytes)
  }

  static func shape(_ geometry: Geometry, _ scan: TensorScan, _ block: Int) -> BlockShape {
    BlockShape(
      geometry: geometry, block: block, nonzeros: scan.nonzeros[block],
      nonzerosBefore: scan.nonzerosBefore[block], nonzerosInAll: scan.nonzerosInAll)
  }

  private static func deflate(
    _ item: PackItem, _ geometry: Geometry, _ scan: TensorScan, keeping: Bool
  ) throws -> (lengths: [Int], ready: [[UInt8]]) {
    let coding = DeflateCoding()
    // What is kept never passes the bytes of the source.
    let keeps = keeping && geometry.byteCount <= mostReady
    let pool = BufferPool(keeping: Parallel.threads)
    let blocks = try Parallel.map(geometry.blockCount) { block in
      try item.source.withBytes(geometry.bytes(of: block)) { words in
        let shape = shape(geometry, scan, block)
        let buffer = pool.take(coding.length(of: shape, run: 0))
        defer { pool.giveBack(buffer) }
        let length = try coding.encode(shape, words, run: 0, into: buffer.all)
        return (length: length, bytes: keeps ? Array(buffer.first(length)) : [])
      }
    }
    return (blocks.map(\.length), keeps ? blocks.map(\.bytes) : [])
  }

  /// Calls `body` with a block's elements as they are to be stored.
  func withWords<Result>(
    _ block: Int, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    try item.source.withBytes(geometry.bytes(of: block)) { words in
      guard let cleared, scan.negativeZeros[block] > 0 else { return try body(words) }
      return try withScratch(words.count) { scratch in
        ck_clear_equal(
          Int32(geometry.elementSize), words.baseAddress, words.count / geometry.elementSize,
          cleared,
          scratch.baseAddress)
        return try body(UnsafeRawBufferPointer(scratch))
      }
    }
  }

  /// A block's piece of a run, made by an earlier pass; nil where it has to be encoded.
  func ready(_ block: Int) -> [UInt8]? { ready.isEmpty ? nil : ready[block] }
}
