import Files
import Parallel
import Synchronization

/// A section whose blocks have to be decoded: only those that a reader asks for, several at a time
/// where it asks for many.
final class BlockSource: ByteSource {
  private let packed: PackedBytes
  private let entry: Entry
  private let coding: any TensorCoding
  private let seen: Mutex<Seen>
  /// Held where the only block is decoded for somebody who wants a part of it: others who do find it
  /// in the cache then.
  private let partly = Mutex(())

  /// The checksums of the blocks decoded so far; when all are there, they make up the tensor's.
  private struct Seen {
    var checksums: [UInt32?] = []
    var missing: Int
    var isDamaged = false
  }

  init(_ packed: PackedBytes, _ entry: Entry, _ coding: any TensorCoding) {
    self.packed = packed
    self.entry = entry
    self.coding = coding
    seen = Mutex(Seen(missing: entry.blockCount))
  }

  var count: Int { entry.decodedBytes }
  var storedCount: Int { entry.storedBytes }
  var pieceSize: Int? { entry.geometry.blockElements * entry.element.size }

  func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    if range.isEmpty { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    let size = entry.geometry.blockElements * entry.element.size
    let first = range.lowerBound / size
    let last = (range.upperBound - 1) / size
    if first == last { return try withinBlock(first, range, body) }
    let buffer = packed.pool.take(range.count)
    defer { packed.pool.giveBack(buffer) }
    let out = buffer.first(range.count)
    nonisolated(unsafe) let whole = out
    try Parallel.forEach(last - first + 1) { index in
      let block = first + index
      let bytes = entry.geometry.bytes(of: block)
      let wanted = bytes.clamped(to: range)
      let piece = UnsafeMutableRawBufferPointer(
        rebasing: whole[wanted.lowerBound - range.lowerBound..<wanted.upperBound - range.lowerBound]
      )
      if wanted == bytes {
        try decode(block, into: piece)
      } else {
        try withinBlock(block, wanted) { piece.copyMemory(from: $0) }
      }
    }
    return try body(UnsafeRawBufferPointer(out))
  }

  /// A part of one block. Whole ones are not kept: who takes blocks whole does not come back.
  private func withinBlock<Result>(
    _ block: Int, _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let bytes = entry.geometry.bytes(of: block)
    if let held = packed.cache.find(block, section: entry.section.lowerBound) {
      return try body(BlockSource.part(held.first(bytes.count), range, bytes))
    }
    if range == bytes {
      let buffer = packed.pool.take(bytes.count)
      defer { packed.pool.giveBack(buffer) }
      try decode(block, into: buffer.first(bytes.count))
      return try body(UnsafeRawBufferPointer(buffer.first(bytes.count)))
    }
    let buffer =
      entry.blockCount == 1
      ? try partly.withLock { _ in try kept(block, bytes.count) } : try kept(block, bytes.count)
    return try body(BlockSource.part(buffer.first(bytes.count), range, bytes))
  }

  /// A whole block, decoded into the cache unless it is there by now.
  private func kept(_ block: Int, _ bytes: Int) throws -> Buffer {
    if let held = packed.cache.find(block, section: entry.section.lowerBound) { return held }
    let buffer = packed.pool.take(bytes)
    try decode(block, into: buffer.first(bytes))
    for evicted in packed.cache.insert(buffer, block, section: entry.section.lowerBound) {
      packed.pool.giveBack(evicted)
    }
    return buffer
  }

  private static func part(
    _ block: UnsafeMutableRawBufferPointer, _ range: Range<Int>, _ bytes: Range<Int>
  ) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      rebasing: block[range.lowerBound - bytes.lowerBound..<range.upperBound - bytes.lowerBound])
  }

  private func decode(_ block: Int, into out: UnsafeMutableRawBufferPointer) throws {
    try packed.decode(block, of: entry, coding, into: out)
    guard packed.isChecked else { return }
    let isKnown = seen.withLock { seen in
      !seen.isDamaged && !seen.checksums.isEmpty && seen.checksums[block] != nil
    }
    if isKnown { return }
    let checksum = Checksum.of(UnsafeRawBufferPointer(out))
    let whole: UInt32? = seen.withLock { seen in
      if seen.checksums.isEmpty {
        seen.checksums = [UInt32?](repeating: nil, count: entry.blockCount)
      }
      if seen.checksums[block] == nil {
        seen.missing -= 1
        seen.checksums[block] = checksum
      }
      guard seen.missing == 0 else { return nil }
      let whole = (0..<entry.blockCount).reduce(UInt32(0)) {
        Checksum.combine(
          $0, seen.checksums[$1] ?? 0, lengthOfB: entry.geometry.bytes(of: $1).count)
      }
      seen.isDamaged = whole != entry.checksum
      return whole
    }
    if let whole { try packed.check(whole, decoded: entry) }
  }
}
