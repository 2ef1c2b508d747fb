/// One bit a weight, in row-major order: set where the weight stays, clear where it is pruned.
public struct Mask: Sendable, Equatable {
  /// Weights covered.
  public let count: Int
  /// Bit `i & 63` of word `i >> 6` is weight `i`; bits past `count` are clear.
  public var words: [UInt64]

  /// A mask that keeps every weight, or none.
  public init(count: Int, keeping: Bool) {
    precondition(count >= 0)
    self.count = count
    words = [UInt64](repeating: keeping ? .max : 0, count: (count + 63) / 64)
    if keeping, count & 63 != 0 { words[words.count - 1] = (1 << UInt64(count & 63)) - 1 }
  }

  public subscript(index: Int) -> Bool {
    get { words[index >> 6] >> UInt64(index & 63) & 1 == 1 }
    set {
      let bit: UInt64 = 1 << UInt64(index & 63)
      if newValue { words[index >> 6] |= bit } else { words[index >> 6] &= ~bit }
    }
  }

  /// How many weights stay.
  public var kept: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
}
