/// N:M sparsity as hardware means it: of each M consecutive inputs of an output, at most N are not
/// zero. `2:4` and `4:8` mean the same in papers that count what is pruned; other pairs do not.
///
/// Inputs are consecutive along `KernelLayout`'s rows: axis 0 of a Dense kernel (rows of
/// `[in, out]`), the flattened (height, width, input channel) of a convolution, the positions of
/// each channel's window in a depthwise one. Groups start at row 0; rows past the last whole group
/// belong to none.
public struct NMPattern: Hashable, Sendable, CustomStringConvertible {
  /// N: how many of a group stay.
  public let kept: Int
  /// M: how many make a group.
  public let group: Int

  /// Nil unless 0 < N < M <= 128.
  public init?(kept: Int, group: Int) {
    guard kept > 0, kept < group, group <= 128 else { return nil }
    self.kept = kept
    self.group = group
  }

  /// Reads `2:4`. Nil where `text` is no pattern.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let kept = Int(parts[0]), let group = Int(parts[1]) else { return nil }
    self.init(kept: kept, group: group)
  }

  public var description: String { "\(kept):\(group)" }
}
