import Files
import Parallel
import Tensors

/// The bytes of a tensor whose values were rounded: elements of the tensor's own type, which are made
/// as they are read. Packing finds in it the words that the values were rounded to.
public final class RoundedValues: ByteSource {
  public let precision: Precision
  /// What rounding did to the values.
  public let loss: RoundingLoss
  let map: any ValueMap
  private let origin: TensorValues
  /// Nil where the word of a value is the nearest one.
  private let words: [Int16]?

  /// Elements that are worked on at a time.
  private static let piece = 1 << 12

  /// - Parameters:
  ///   - words: of each element; nil for the nearest ones.
  ///   - limit: the magnitude from which on values are past what the words hold.
  init(
    _ tensor: RoundingInput, _ precision: Precision, _ map: any ValueMap, words: [Int16]? = nil,
    limit: Double? = nil
  ) throws {
    self.precision = precision
    self.map = map
    self.words = words
    origin = tensor.values
    let (origin, words) = (tensor.values, words)
    let blocks = TensorBlock.all(of: [origin.count])
    let losses = try Parallel.map(blocks.count) { index in
      var loss = RoundingLoss()
      try Self.forEachPiece(of: blocks[index].range) { elements in
        try Self.withRounded(origin, map, words, elements) { before, after in
          loss.add(before, after, count: elements.count, limit: limit)
        }
      }
      return loss
    }
    loss = losses.reduce(into: RoundingLoss()) { $0.add($1) }
  }

  public var count: Int { origin.count * origin.type.size }
  public var pieceSize: Int? { origin.source.pieceSize }
  public var type: ElementType { origin.type }

  /// How they were rounded, with the number of levels: `codebook:16`.
  public var name: String { precision.name(levels: map.span?.count) }

  /// The values that were rounded, in the tensor's own type.
  public var values: TensorValues { TensorValues(self, type: type) }

  public func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    return try Self.withBytes(range, ofElements: type.size, body) { piece, out in
      try withFloats(piece) { type.store($0, into: out) }
    }
  }

  /// Calls `body` with the words of some elements.
  func withWords<Result>(
    _ elements: Range<Int>, _ body: (UnsafeBufferPointer<Int16>) throws -> Result
  ) throws -> Result {
    try Self.withWords(origin, map, words, elements, body)
  }

  private func withFloats(
    _ elements: Range<Int>, _ body: (UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    try withWords(elements) { try Self.withFloats(of: $0, map, elements, body) }
  }

  // MARK: Pieces

  /// Calls `body` with some of the bytes of elements of `size` bytes that `make` writes, a piece at a
  /// time.
  static func withBytes<Result>(
    _ range: Range<Int>, ofElements size: Int, _ body: (UnsafeRawBufferPointer) throws -> Result,
    making make: (Range<Int>, UnsafeMutableRawBufferPointer) throws -> Void
  ) throws -> Result {
    let elements = range.lowerBound / size..<(range.upperBound + size - 1) / size
    return try withScratch(elements.count * size) { out in
      try forEachPiece(of: elements) { piece in
        let start = (piece.lowerBound - elements.lowerBound) * size
        try make(
          piece, UnsafeMutableRawBufferPointer(rebasing: out[start..<start + piece.count * size]))
      }
      let start = range.lowerBound - elements.lowerBound * size
      return try body(
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(out)[start..<start + range.count]))
    }
  }

  static func forEachPiece(of elements: Range<Int>, _ body: (Range<Int>) throws -> Void) rethrows {
    for start in stride(from: elements.lowerBound, to: elements.upperBound, by: piece) {
      try body(start..<min(elements.upperBound, start + piece))
    }
  }

  private static func withWords<Result>(
    _ origin: TensorValues, _ map: any ValueMap, _ words: [Int16]?, _ elements: Range<Int>,
    _ body: (UnsafeBufferPointer<Int16>) throws -> Result
  ) throws -> Result {
    if let words {
      return try words.withUnsafeBufferPointer {
        try body(UnsafeBufferPointer(rebasing: $0[elements]))
      }
    }
    return try withUnsafeTemporaryAllocation(of: Int16.self, capacity: max(1, elements.count)) {
      room in
      guard let start = room.baseAddress else { preconditionFailure("room for one at least") }
      try origin.withDoubles(elements) { from in
        withAligned(from, elements.count) { map.nearest(to: $0, elements, into: start) }
      }
      return try body(UnsafeBufferPointer(start: start, count: elements.count))
    }
  }

  /// Calls `body` with doubles that lie as they should; those of a file may lie anywhere.
  static func withAligned<Result>(
    _ raw: UnsafeRawPointer, _ count: Int, _ body: (UnsafePointer<Double>) throws -> Result
  ) rethrows -> Result {
    if Int(bitPattern: raw) % MemoryLayout<Double>.alignment == 0 {
      return try body(raw.assumingMemoryBound(to: Double.self))
    }
    return try withScratch(max(1, count) * 8) { copy in
      copy.copyMemory(from: UnsafeRawBufferPointer(start: raw, count: count * 8))
      guard let start = copy.baseAddress else { preconditionFailure("room for one at least") }
      return try body(UnsafePointer(start.assumingMemoryBound(to: Double.self)))
    }
  }

  private static func withFloats<Result>(
    of words: UnsafeBufferPointer<Int16>, _ map: any ValueMap, _ elements: Range<Int>,
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) throws -> Result {
    try withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, words.count)) { room in
      guard let from = words.baseAddress, let start = room.baseAddress else {
        return try body(UnsafeBufferPointer(start: nil, count: 0))
      }
      try map.floats(of: from, elements, into: start)
      return try body(UnsafeBufferPointer(start: start, count: words.count))
    }
  }

  /// Calls `body` with the values of some elements before and after.
  private static func withRounded(
    _ origin: TensorValues, _ map: any ValueMap, _ words: [Int16]?, _ elements: Range<Int>,
    _ body: (UnsafePointer<Double>, UnsafePointer<Double>) -> Void
  ) throws {
    try withWords(origin, map, words, elements) { words in
      try withFloats(of: words, map, elements) { floats in
        try withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, elements.count)) {
          after in
          guard let start = after.baseAddress else { return }
          for i in 0..<elements.count { start[i] = Double(origin.type.nearest(floats[i])) }
          try origin.withDoubles(elements) { before in
            withAligned(before, elements.count) { body($0, UnsafePointer(start)) }
          }
        }
      }
    }
  }
}
