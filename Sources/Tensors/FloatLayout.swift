/// Where sign, exponent and mantissa lie in a float element, read as an unsigned integer in this
/// machine's byte order: the sign in the top bit, below it the exponent, the mantissa lowest
/// (IEEE 754-2019, 3.4; bfloat16 is the upper half of a binary32).
public struct FloatLayout: Hashable, Sendable {
  public let exponentBits: Int
  public let mantissaBits: Int

  /// Bits an element, sign included.
  public var bits: Int { 1 + exponentBits + mantissaBits }
  /// The sign's bit alone.
  public var signMask: UInt64 { 1 << UInt64(bits - 1) }
  /// The exponent's bits alone.
  public var exponentMask: UInt64 { (1 << UInt64(exponentBits) - 1) << UInt64(mantissaBits) }
  /// The mantissa's bits alone.
  public var mantissaMask: UInt64 { 1 << UInt64(mantissaBits) - 1 }

  public static let float16 = FloatLayout(exponentBits: 5, mantissaBits: 10)
  public static let bfloat16 = FloatLayout(exponentBits: 8, mantissaBits: 7)
  public static let float32 = FloatLayout(exponentBits: 8, mantissaBits: 23)
  public static let float64 = FloatLayout(exponentBits: 11, mantissaBits: 52)
}

extension ElementType {
  /// Nil for a type that is no float. Elements of a big-endian type have to be turned round first.
  public var floatLayout: FloatLayout? {
    switch kind {
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .float32: .float32
    case .float64: .float64
    default: nil
    }
  }
}
