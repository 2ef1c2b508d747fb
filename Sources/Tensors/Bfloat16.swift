/// bfloat16 as bits: the upper half of a float's.
public enum Bfloat16 {
  /// The largest finite one.
  public static let greatestFinite = 0x1.FEp127

  /// The bits of the one that is nearest, ties to even; of an infinity where that is past the
  /// largest. `value` is a number.
  public static func bits(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
  }

  /// The same of a double, rounded once.
  public static func bits(_ value: Double) -> UInt16 {
    let near = Float(value)
    guard Double(near) != value, value.isFinite else { return bits(near) }
    // Cut towards zero, with the last bit standing for all that was cut, so that no tie is made up.
    var word = near.bitPattern
    if Double(near).magnitude > value.magnitude { word &-= 1 }
    return bits(Float(bitPattern: word | 1))
  }

  /// The same of a float, the largest finite one where that is past it.
  public static func finiteBits(_ value: Float) -> UInt16 {
    let word = bits(value)
    return word & 0x7f80 == 0x7f80 ? word & 0x8000 | 0x7f7f : word
  }

  public static func float(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }
}
