import CKernels
import Files

extension Mask {
  /// The mask with the bits of `words`; bits past `count` must be clear.
  init(count: Int, words: [UInt64]) {
    self.init(count: count, keeping: false)
    precondition(words.count == self.words.count)
    self.words = words
  }

  /// How many weights are pruned.
  public var pruned: Int { count - kept }

  /// Whether every weight of `range` stays.
  public func keepsAll(_ range: Range<Int>) -> Bool {
    guard !range.isEmpty else { return true }
    let first = range.lowerBound >> 6
    let last = (range.upperBound - 1) >> 6
    let head: UInt64 = .max << UInt64(range.lowerBound & 63)
    let tail: UInt64 = .max >> UInt64(63 - (range.upperBound - 1) & 63)
    if first == last { return words[first] | ~(head & tail) == .max }
    return words[first] | ~head == .max && words[last] | ~tail == .max
      && words[(first + 1)..<last].allSatisfy { $0 == .max }
  }

  /// Reads a mask that is stored as one byte a weight: 1 where the weight stays, 0 where it is
  /// pruned. Any other byte is `MaskError.notABit`; other errors are those of `source`.
  public init(bytes source: any ByteSource) throws {
    self.init(count: source.count, keeping: false)
    var start = 0
    while start < count {
      let range = start..<min(count, start + TensorBlock.size)
      try source.withBytes(range) { bytes in
        guard let from = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
        let odd = words.withUnsafeMutableBufferPointer {
          ck_bytes_to_bits(from, range.count, $0.baseAddress.map { $0 + start >> 6 })
        }
        if odd < range.count { throw MaskError.notABit(index: start + odd, value: from[odd]) }
      }
      start = range.upperBound
    }
  }
}

/// What can be wrong with a stored mask.
public enum MaskError: Error, Equatable, Sendable {
  /// A byte that is neither 0 nor 1.
  case notABit(index: Int, value: UInt8)
}

/// A mask as one byte a weight, 1 where it stays and 0 where it is pruned, made as they are read.
public final class MaskAsBytes: ByteSource {
  private let mask: Mask
  public init(_ mask: Mask) { self.mask = mask }
  public var count: Int { mask.count }

  public func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    return try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, range.count)) { out in
      mask.words.withUnsafeBufferPointer {
        ck_bits_to_bytes(out.baseAddress, $0.baseAddress, range.lowerBound, range.count)
      }
      return try body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(out)[..<range.count]))
    }
  }
}
