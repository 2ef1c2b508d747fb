import Files

/// The numbers of one tensor where they lie: bytes, and how to read them.
public struct TensorValues: Sendable {
  public let source: any ByteSource
  public let type: ElementType
  /// How many elements there are.
  public let count: Int

  /// The elements of `type` in `source`. Bytes past the last whole element are left out.
  public init(_ source: any ByteSource, type: ElementType) {
    self.source = source
    self.type = type
    count = source.count / type.size
  }

  /// Calls `body` with the elements of `range` as floats in this machine's byte order: where they
  /// lie if that is how they are stored (the pointer need not be aligned), else a copy. The type is
  /// a number type.
  public func withFloats<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawPointer) throws -> Result
  ) throws -> Result {
    try withElements(range, native: .float32, as: Float.self, type.convert, body)
  }

  /// The same as doubles.
  public func withDoubles<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawPointer) throws -> Result
  ) throws -> Result {
    try withElements(range, native: .float64, as: Double.self, type.convert, body)
  }

  /// A copy of the elements of `range` as doubles.
  public func doubles(_ range: Range<Int>) throws -> [Double] {
    defer { Passage.add(range.count * type.size) }
    return try source.withBytes(range.lowerBound * type.size..<range.upperBound * type.size) {
      bytes in
      [Double](unsafeUninitializedCapacity: range.count) { out, filled in
        type.convert(bytes, to: out)
        filled = range.count
      }
    }
  }

  /// A copy of all elements as doubles.
  public func doubles() throws -> [Double] { try doubles(0..<count) }

  private func withElements<Element, Result>(
    _ range: Range<Int>, native: ElementType.Kind, as _: Element.Type,
    _ convert: (UnsafeRawBufferPointer, UnsafeMutableBufferPointer<Element>) -> Void,
    _ body: (UnsafeRawPointer) throws -> Result
  ) throws -> Result {
    let bytes = range.lowerBound * type.size..<range.upperBound * type.size
    defer { Passage.add(bytes.count) }
    return try source.withBytes(bytes) { raw in
      if type.kind == native, type.isNativeOrder, let base = raw.baseAddress {
        return try body(base)
      }
      return try withUnsafeTemporaryAllocation(of: Element.self, capacity: max(1, range.count)) {
        copy in
        guard let start = copy.baseAddress else { preconditionFailure("room for one at least") }
        convert(raw, copy)
        return try body(UnsafeRawPointer(start))
      }
    }
  }
}

/// A part of one of several tensors, small enough to be one thread's next piece of work.
public struct TensorBlock: Sendable {
  public let tensor: Int
  public let range: Range<Int>

  /// Elements a block: a multiple of 64, so that blocks share no word of a mask, and the same on
  /// every machine, so that sums are too.
  public static let size = 1 << 18

  /// All of several tensors with `counts` elements, in order.
  public static func all(of counts: [Int]) -> [TensorBlock] {
    counts.indices.flatMap { tensor in
      stride(from: 0, to: counts[tensor], by: size).map {
        TensorBlock(tensor: tensor, range: $0..<min(counts[tensor], $0 + size))
      }
    }
  }
}
