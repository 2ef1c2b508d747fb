import Files
import Parallel
import Synchronization

/// A raw section: its bytes where they lie, checked the first time that a block is touched.
final class RawSource: ByteSource {
  private let packed: PackedBytes
  private let entry: Entry
  private let isSeen: Mutex<[Bool]>

  init(_ packed: PackedBytes, _ entry: Entry) {
    self.packed = packed
    self.entry = entry
    isSeen = Mutex([Bool](repeating: false, count: entry.blockCount))
  }

  var count: Int { entry.decodedBytes }

  func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    try check(range)
    let start = entry.section.lowerBound
    return try packed.source.withBytes(start + range.lowerBound..<start + range.upperBound, body)
  }

  private func check(_ range: Range<Int>) throws {
    guard packed.isChecked, !range.isEmpty else { return }
    let size = entry.geometry.blockElements * entry.element.size
    let first = range.lowerBound / size
    let blocks = first...(range.upperBound - 1) / size
    let unseen = isSeen.withLock { isSeen in blocks.filter { !isSeen[$0] } }
    guard !unseen.isEmpty else { return }
    // Raw blocks decode to themselves, so theirs add up to the checksum of the tensor.
    let whole = (0..<entry.blockCount).reduce(UInt32(0)) {
      Checksum.combine(
        $0, entry.blockChecksums[$1], lengthOfB: entry.geometry.bytes(of: $1).count)
    }
    try packed.check(whole, decoded: entry)
    try Parallel.forEach(unseen.count) { index in
      try packed.withBlock(unseen[index], of: entry, RawCoding()) { _ in }
    }
    isSeen.withLock { isSeen in for block in unseen { isSeen[block] = true } }
  }
}
