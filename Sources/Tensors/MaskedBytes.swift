import CKernels
import Files

/// A tensor's bytes with the pruned elements read as zero bytes, which is +0.0 in every float type.
///
/// Nothing is copied before it is asked for, and a range in which every element stays is handed on
/// as it lies.
public final class MaskedBytes: ByteSource {
  private let source: any ByteSource
  private let mask: Mask
  private let elementSize: Int

  /// `source` holds `mask.count` elements of `elementSize` bytes.
  public init(_ source: any ByteSource, mask: Mask, elementSize: Int) {
    precondition(elementSize > 0 && source.count == mask.count * elementSize)
    self.source = source
    self.mask = mask
    self.elementSize = elementSize
  }

  public var count: Int { source.count }

  public func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    let elements =
      range.lowerBound / elementSize..<(range.upperBound + elementSize - 1) / elementSize
    if range.isEmpty || mask.keepsAll(elements) { return try source.withBytes(range, body) }
    let whole = elements.lowerBound * elementSize..<elements.upperBound * elementSize
    return try source.withBytes(whole) { bytes in
      try withScratch(whole.count) { out in
        mask.words.withUnsafeBufferPointer {
          ck_masked_copy(
            out.baseAddress, bytes.baseAddress, $0.baseAddress, elements.lowerBound,
            elements.count, elementSize)
        }
        let start = range.lowerBound - whole.lowerBound
        return try body(
          UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(out)[start..<start + range.count])
        )
      }
    }
  }
}
