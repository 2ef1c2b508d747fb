/// A factor that values are multiplied with, kept as the fraction that the user wrote: `1/255` means
/// a division by 255, which is not to the last bit a multiplication.
public struct ValueScale: Sendable, Hashable {
  public let numerator: Float
  public let denominator: Float

  /// `0.5` or `1/255`. Nil where the text is no number, or the factor is zero or not finite.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let numerator = parts.first.flatMap({ Float($0) }) else { return nil }
    let denominator = parts.count == 2 ? Float(parts[1]) : 1
    guard let denominator, denominator != 0, numerator != 0, (numerator / denominator).isFinite,
      numerator.isFinite
    else { return nil }
    self.numerator = numerator
    self.denominator = denominator
  }
}
