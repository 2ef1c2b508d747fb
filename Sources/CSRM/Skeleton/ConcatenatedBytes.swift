import Files

/// Several sources, one behind the other.
final class ConcatenatedBytes: ByteSource {
  private let parts: [any ByteSource]
  /// Where each part begins, and where the last one ends.
  private let starts: [Int]

  init(_ parts: [any ByteSource]) {
    self.parts = parts
    starts = parts.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
  }

  var count: Int { starts[parts.count] }

  func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    var index = firstPart(at: range.lowerBound)
    if index < parts.count, range.upperBound <= starts[index + 1] {
      let start = starts[index]
      return try parts[index].withBytes(
        range.lowerBound - start..<range.upperBound - start, body)
    }
    return try withScratch(range.count) { scratch in
      while index < parts.count, starts[index] < range.upperBound {
        let piece = range.clamped(to: starts[index]..<starts[index + 1])
        let start = starts[index]
        try parts[index].withBytes(piece.lowerBound - start..<piece.upperBound - start) { bytes in
          UnsafeMutableRawBufferPointer(rebasing: scratch[(piece.lowerBound - range.lowerBound)...])
            .copyMemory(from: bytes)
        }
        index += 1
      }
      return try body(UnsafeRawBufferPointer(scratch))
    }
  }

  /// The part that holds the byte at `offset`.
  private func firstPart(at offset: Int) -> Int {
    var low = 0
    var high = parts.count
    while low < high {
      let middle = (low + high) / 2
      if starts[middle + 1] <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
