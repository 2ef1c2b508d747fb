/// What a limit on memory comes to for the readers of one packed file.
///
/// Half of it is for the pieces that threads are looking at, a quarter for blocks that are kept
/// because somebody took a part of them, a quarter for buffers between uses.
struct ReadingMemory {
  /// Threads that may look at a piece at once; nil for as many as there are.
  let readers: Int?
  /// Bytes of blocks that are kept.
  let cached: Int
  /// Bytes of buffers that nobody uses.
  let spare: Int

  /// Readers that take a tensor in pieces of their own choice take so many bytes.
  static let piece = 4 << 20
  /// What is kept at most where nothing is said.
  private static let most = 64 << 20

  /// Throws where the largest block of `entries` alone has more bytes than half of `limit`.
  init(_ limit: Int?, for entries: [Entry], file: String) throws(CSRMError) {
    guard let limit else {
      readers = nil
      cached = Self.most
      spare = Self.most
      return
    }
    var largest = (bytes: 0, name: "")
    for entry in entries where entry.encoding != .raw && entry.encoding != .constant {
      // Blocks have been found to hold at most 128 MiB, or cannot be decoded at all.
      let (bytes, overflow) = entry.geometry.blockElements.multipliedReportingOverflow(
        by: entry.element.size)
      guard !overflow, entry.geometry.fitsBlocks else { continue }
      if bytes > largest.bytes { largest = (bytes, entry.name) }
    }
    guard largest.bytes <= limit / 2 else {
      throw .memoryTooSmall(
        file: file, tensor: largest.name.printable(), bytes: largest.bytes, limit: limit)
    }
    readers = max(1, limit / 2 / max(Self.piece, largest.bytes))
    cached = min(Self.most, limit / 4)
    spare = min(Self.most, limit / 4)
  }
}
