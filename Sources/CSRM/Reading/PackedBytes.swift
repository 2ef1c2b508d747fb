import Files

/// The bytes of a packed file as the sources over its sections read them: checked against their
/// checksums before anything is made of them.
final class PackedBytes: Sendable {
  let source: any ByteSource
  /// For messages.
  let file: String
  /// Off only in tests, which look at what the decoders do with bytes that no checksum vouches for.
  let isChecked: Bool
  let cache: BlockCache
  let pool: BufferPool

  init(_ source: any ByteSource, file: String, memory: ReadingMemory, isChecked: Bool) {
    self.source = source
    self.file = file
    self.isChecked = isChecked
    cache = BlockCache(mostBytes: memory.cached)
    pool = BufferPool(keeping: 8, mostBytes: memory.spare)
  }

  /// Calls `body` with the pieces of a stored block.
  func withBlock<Result>(
    _ block: Int, of entry: Entry, _ coding: any TensorCoding,
    _ body: ([UnsafeRawBufferPointer]) throws -> Result
  ) throws -> Result {
    let start = entry.section.lowerBound
    let ranges = coding.pieces(of: block, in: entry).map {
      start + $0.lowerBound..<start + $0.upperBound
    }
    return try withPieces(ranges[...], []) { pieces in
      if isChecked {
        let computed = pieces.reduce(UInt32(0)) { Checksum.of($1, continuing: $0) }
        let declared = entry.blockChecksums[block]
        guard computed == declared else {
          throw CSRMError.checksum(
            file: file, part: place(block, of: entry), declared: declared, computed: computed)
        }
      }
      return try body(pieces)
    }
  }

  private func withPieces<Result>(
    _ ranges: ArraySlice<Range<Int>>, _ found: [UnsafeRawBufferPointer],
    _ body: ([UnsafeRawBufferPointer]) throws -> Result
  ) throws -> Result {
    guard let range = ranges.first else { return try body(found) }
    return try source.withBytes(range) { try withPieces(ranges.dropFirst(), found + [$0], body) }
  }

  /// Decodes a block into exactly its bytes.
  func decode(
    _ block: Int, of entry: Entry, _ coding: any TensorCoding,
    into out: UnsafeMutableRawBufferPointer
  ) throws {
    try withBlock(block, of: entry, coding) { pieces in
      try located(file, place(block, of: entry)) { () throws(Malformed) in
        try coding.decode(pieces, block: block, of: entry, into: out)
      }
    }
  }

  /// `tensor dense/kernel:0, block 3 of 7 at 1024`, for messages.
  func place(_ block: Int, of entry: Entry) -> String {
    let offset =
      entry.section.lowerBound
      + (entry.encoding.coding?.pieces(of: block, in: entry).first?.lowerBound ?? 0)
    return entry.blockCount == 1
      ? "\(entry.label) at \(offset)"
      : "\(entry.label), block \(block) of \(entry.blockCount) at \(offset)"
  }

  /// Throws where the bytes that an entry decodes to are not those that were packed.
  func check(_ computed: UInt32, decoded entry: Entry) throws(CSRMError) {
    guard let declared = entry.checksum, isChecked, computed != declared else { return }
    throw .checksum(
      file: file, part: "\(entry.label), decoded", declared: declared, computed: computed)
  }
}
