import Tensors
import Testing

struct FloatLayoutTests {
  /// The fields of Swift's own floats, which are IEEE 754's.
  @Test func fieldsAreWhereTheStandardPutsThem() {
    for (layout, negative, exponent, mantissa) in [
      (FloatLayout.float32, UInt64((-0.0 as Float).bitPattern), UInt64(Float.infinity.bitPattern), 23),
      (.float64, (-0.0).bitPattern, Double.infinity.bitPattern, 52),
      // -0.0, +infinity and the mantissa's width, as IEEE 754 has them for binary16; a bfloat16 is
      // the upper half of a binary32.
      (.float16, 0x8000, 0x7C00, 10),
      (.bfloat16, UInt64((-0.0 as Float).bitPattern >> 16), UInt64(Float.infinity.bitPattern >> 16), 7),
    ] {
      #expect(layout.signMask == negative)
      #expect(layout.exponentMask == exponent)
      #expect(layout.mantissaMask == UInt64.max >> UInt64(64 - mantissa))
    }
  }

  @Test func everyFloatTypeHasOneAndNothingElse() {
    for kind in ElementType.Kind.allCases where kind != .opaque {
      for bigEndian in [false, true] {
        let type = ElementType(kind, bigEndian: bigEndian)
        #expect(type.floatLayout.map(\.bits) == (type.isFloat ? 8 * type.size : nil))
      }
    }
    #expect(ElementType.opaque(size: 4).floatLayout == nil)
  }
}
