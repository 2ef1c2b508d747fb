/// The step and the mixing function of SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom
/// number generators", figure 14): what is mixed of equal steps passes for random bits, the same on
/// every machine.
public enum SplitMix {
  /// 2⁶⁴ divided by the golden ratio, made odd.
  public static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

  @inlinable
  public static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
