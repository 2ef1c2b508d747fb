import CKernels
import Files
import Parallel
import Tensors

/// One entry's elements, scanned, with the encoding chosen.
struct Section {
  let item: PackItem
  let geometry: Geometry
  let scan: TensorScan
  let coding: any TensorCoding
  /// Stored bytes of each block, and with padding of all; nil where they are known only when they
  /// are written.
  let sizes: Sizes?
  /// The blocks as they are stored, where finding their size made them and they are few.
  private let ready: [[UInt8]]
  /// What to clear on the way.
  private let cleared: UInt64?

  struct Sizes {
    let blocks: [Int]
    let all: Int
  }

  /// Scans the elements and chooses. `checksums` are needed only for writing, and only for writing
  /// may sizes be left open.
  init(_ item: PackItem, _ options: PackOptions, isWritten: Bool) throws {
    let geometry = try item.geometry(options)
    self.item = item
    self.geometry = geometry
    scan = try TensorScan(
      item.source, geometry, type: item.type, canonicalZero: options.canonicalZero,
      checksums: isWritten, census: item.codesFloats(options))
    cleared = options.canonicalZero ? item.type.negativeZero : nil
    let choice = try EncodingChoice(
      Elements(item: item, geometry: geometry, scan: scan, cleared: cleared), options,
      isWritten: isWritten)
    coding = choice.coding
    sizes = choice.sizes
    ready = choice.ready
  }

  /// An entry whose elements lie in a pool: scanned, and nothing to store.
  init(pooled item: PackItem, _ options: PackOptions, isWritten: Bool) throws {
    self.item = item
    geometry = try item.geometry(options)
    scan = try TensorScan(
      item.source, geometry, type: item.type, canonicalZero: options.canonicalZero,
      checksums: isWritten)
    cleared = nil
    coding = PooledCoding()
    sizes = Sizes(blocks: [], all: 0)
    ready = []
  }

  /// Calls `body` with a block's elements as they are to be stored.
  func withWords<Result>(
    _ block: Int, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    try elements.withWords(block, body)
  }

  private var elements: Elements {
    Elements(item: item, geometry: geometry, scan: scan, cleared: cleared)
  }

  func shape(_ block: Int) -> BlockShape { elements.shape(block) }

  /// A block's piece of a run, made by an earlier pass; nil where it has to be encoded.
  func ready(_ block: Int) -> [UInt8]? { ready.isEmpty ? nil : ready[block] }

  /// Bytes less that clearing -0.0 would leave.
  func canonicalZeroSaving(_ options: PackOptions, storedBytes: Int) throws -> Int {
    guard scan.negativeZerosInAll > 0, !options.canonicalZero else { return 0 }
    var other = options
    other.canonicalZero = true
    let cleared = try Section(item, other, isWritten: false)
    return max(0, storedBytes + coding.parameters.count - cleared.storedBytes)
  }

  /// Of a section that is not written: blocks, padding and parameters.
  private var storedBytes: Int { (sizes?.all ?? 0) + coding.parameters.count }
}

/// An entry's elements as they are to be stored, block by block.
struct Elements {
  let item: PackItem
  let geometry: Geometry
  let scan: TensorScan
  /// What to clear on the way.
  let cleared: UInt64?

  func withWords<Result>(
    _ block: Int, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    try item.source.withBytes(geometry.bytes(of: block)) { words in
      guard let cleared, scan.negativeZeros[block] > 0 else { return try body(words) }
      return try withScratch(words.count) { scratch in
        ck_clear_equal(
          Int32(geometry.elementSize), words.baseAddress, words.count / geometry.elementSize,
          cleared, scratch.baseAddress)
        return try body(UnsafeRawBufferPointer(scratch))
      }
    }
  }

  func shape(_ block: Int) -> BlockShape {
    BlockShape(
      geometry: geometry, block: block, nonzeros: scan.nonzeros[block],
      nonzerosBefore: scan.nonzerosBefore[block], nonzerosInAll: scan.nonzerosInAll)
  }
}
