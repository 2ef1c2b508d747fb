import CKernels
import Documents
import Files
import Parallel
import Synchronization
import Tensors

/// Writes sections one after another, and remembers where each came to lie.
final class SectionWriter {
  private let sink: any ByteSink
  private let options: PackOptions
  private let pool: BufferPool
  /// Bytes written, header included.
  private(set) var position = 0
  private(set) var entries: [Entry] = []

  init(_ sink: any ByteSink, _ options: PackOptions) {
    self.sink = sink
    self.options = options
    pool = BufferPool(keeping: Parallel.threads + 1)
  }

  func write(_ bytes: [UInt8]) throws {
    try sink.write(bytes)
    position += bytes.count
  }

  /// Zero bytes up to a multiple of `alignment`.
  private func pad(to alignment: Int) throws {
    try write([UInt8](repeating: 0, count: (alignment - position % alignment) % alignment))
  }

  /// Writes a section and returns how many bytes it took, padding inside included.
  func write(_ section: Section) throws -> Int {
    let coding = section.coding
    try pad(to: section.geometry.count == 0 ? 1 : coding.alignment(of: section.geometry))
    let start = position
    let blocks = coding.blocks.count(coding.blocks.geometry(section.geometry))
    var checksums = [UInt32](repeating: 0, count: blocks)
    var lengths = [Int](repeating: 0, count: blocks)
    for run in 0..<(section.geometry.count == 0 ? 0 : coding.runs) {
      if run > 0 { try pad(to: coding.alignment(of: section.geometry)) }
      let pieces =
        coding.encoding == .raw
        ? try writeRaw(section) : try writeRun(run, of: section, blocks: checksums.count)
      for (block, piece) in pieces.enumerated() {
        checksums[block] = Checksum.combine(
          checksums[block], piece.checksum, lengthOfB: piece.length)
        lengths[block] += piece.length
      }
    }
    if let sizes = section.sizes {
      guard lengths == sizes.blocks, position - start == sizes.all else {
        throw CSRMError.selfCheck(part: section.item.name.printable())
      }
    }
    entries.append(
      section.entry(at: start..<position, blockLengths: lengths, blockChecksums: checksums))
    return position - start
  }

  private struct Piece: Sendable {
    var length: Int
    var checksum: UInt32
  }

  /// Elements go from the source into the file without a copy, and their checksums are known from
  /// the scan.
  private func writeRaw(_ section: Section) throws -> [Piece] {
    var pieces: [Piece] = []
    for block in 0..<section.geometry.blockCount {
      try section.withWords(block) { words in
        try sink.write(words)
        position += words.count
        Passage.add(words.count)
        pieces.append(Piece(length: words.count, checksum: section.scan.blockChecksums[block]))
      }
    }
    return pieces
  }

  private func writeRun(_ run: Int, of section: Section, blocks: Int) throws -> [Piece] {
    let coding = section.coding
    let pool = self.pool
    nonisolated(unsafe) let sink = self.sink
    let checks = options.bytesExact && run == coding.runs - 1
    let decoded = section.geometry.blockElements * section.geometry.elementSize
    // Encoded bytes, and what making them takes beside the elements.
    let window = max(1, min(Parallel.threads * 2, options.memory / max(1, 3 * decoded)))
    let written = Mutex<[Piece]>([])
    try Parallel.inOrder(blocks, window: window) { block in
      let shape = section.shape(block)
      let buffer: Buffer
      let length: Int
      if let ready = section.ready(block) {
        buffer = pool.take(ready.count)
        buffer.first(ready.count).copyBytes(from: ready)
        length = ready.count
      } else {
        buffer = pool.take(coding.length(of: shape, run: run))
        length = try section.withWords(block) { words in
          try coding.encode(shape, words, run: run, into: buffer.all)
        }
      }
      if checks { try section.checkRoundTrip(block) }
      let checksum = Checksum.of(UnsafeRawBufferPointer(buffer.first(length)))
      return (buffer, Piece(length: length, checksum: checksum))
    } consume: { (block, made: (buffer: Buffer, piece: Piece)) in
      try sink.write(UnsafeRawBufferPointer(made.buffer.first(made.piece.length)))
      pool.giveBack(made.buffer)
      Passage.add(section.geometry.bytes(of: block).count / coding.runs)
      written.withLock { $0.append(made.piece) }
    }
    let pieces = written.withLock { $0 }
    position += pieces.reduce(0) { $0 + $1.length }
    return pieces
  }
}

extension Section {
  /// The directory's entry for this section, once it is known where it lies.
  func entry(at range: Range<Int>, blockLengths: [Int], blockChecksums: [UInt32]) -> Entry {
    var ends: [Int] = []
    for length in blockLengths { ends.append((ends.last ?? 0) + length) }
    return Entry(
      kindCode: item.kind.rawValue, name: item.name, element: ElementCode(item.type),
      shape: item.shape, encoding: coding.encoding,
      precision: (item.rounded?.precision ?? .exact).rawValue, parameters: coding.parameters,
      nonzeros: scan.nonzerosInAll, section: range,
      alignment: geometry.count == 0 ? 1 : coding.alignment(of: geometry),
      geometry: coding.blocks.geometry(geometry),
      blockEnds: ends, blockChecksums: blockChecksums, checksum: scan.checksum)
  }

  /// Encodes a block, decodes it and compares: what is promised to be exact is seen to be.
  func checkRoundTrip(_ block: Int) throws {
    let shape = shape(block)
    // Decoders ask for the lengths of blocks only where they follow from counts.
    let entry = entry(
      at: 0..<(sizes?.all ?? 0), blockLengths: sizes?.blocks ?? [], blockChecksums: [])
    try withWords(block) { words in
      let made = try (0..<coding.runs).map { run in
        var piece = [UInt8](repeating: 0, count: coding.length(of: shape, run: run) + 64)
        let length = try piece.withUnsafeMutableBytes {
          try coding.encode(shape, words, run: run, into: $0)
        }
        return Array(piece[..<length])
      }
      let isSame = try withScratch(words.count) { out in
        try withPointers(to: made) { pieces in
          try coding.decode(pieces, block: block, of: entry, into: out)
        }
        return ck_equal(out.baseAddress, words.baseAddress, words.count) != 0
      }
      guard isSame else { throw CSRMError.selfCheck(part: item.name.printable()) }
    }
  }

  private func withPointers<Result>(
    to arrays: [[UInt8]], _ body: ([UnsafeRawBufferPointer]) throws -> Result
  ) rethrows -> Result {
    guard let last = arrays.last else { return try body([]) }
    return try withPointers(to: arrays.dropLast()) { pointers in
      try last.withUnsafeBytes { try body(pointers + [$0]) }
    }
  }
}
