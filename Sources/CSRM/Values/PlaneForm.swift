import Tensors

/// How the words of a plane lie as elements of a type, so that any encoding can take them.
enum PlaneForm: Sendable, Hashable {
  /// The bits of a half.
  case half
  /// The bits of a bfloat16.
  case bfloat16
  /// A level in a signed byte, or in two.
  case int8, int16
  /// The bfloat16 that is the level: its exponent is the level's class, its mantissa the place in
  /// it. Up to 256 it is exact.
  case integralFloat

  static let greatestIntegralFloat = 256

  /// All that can hold the levels of a span.
  static func holding(_ span: LevelSpan) -> [PlaneForm] {
    let most = max(span.below, span.above)
    var forms: [PlaneForm] = [most <= 127 ? .int8 : .int16]
    if most <= greatestIntegralFloat { forms.append(.integralFloat) }
    return forms
  }

  var element: ElementType {
    switch self {
    case .half: .float16
    case .bfloat16, .integralFloat: .bfloat16
    case .int8: ElementType(.int8)
    case .int16: ElementType(.int16)
    }
  }

  /// Writes words as elements.
  func store(_ words: UnsafeBufferPointer<Int16>, into bytes: UnsafeMutableRawBufferPointer) {
    switch self {
    case .int8:
      for i in words.indices { bytes[i] = UInt8(truncatingIfNeeded: words[i]) }
    case .half, .bfloat16, .int16:
      for i in words.indices {
        bytes.storeBytes(of: words[i].littleEndian, toByteOffset: 2 * i, as: Int16.self)
      }
    case .integralFloat:
      for i in words.indices {
        let word = UInt16(truncatingIfNeeded: Float(words[i]).bitPattern >> 16)
        bytes.storeBytes(of: word.littleEndian, toByteOffset: 2 * i, as: UInt16.self)
      }
    }
  }

  /// Reads elements as words. Throws where a float is not an integer that it could have been.
  func words(
    of bytes: UnsafeRawBufferPointer, into words: UnsafeMutableBufferPointer<Int16>
  ) throws(Malformed) {
    switch self {
    case .int8:
      for i in words.indices { words[i] = Int16(Int8(bitPattern: bytes[i])) }
    case .half, .bfloat16, .int16:
      for i in words.indices {
        words[i] = Int16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * i, as: Int16.self))
      }
    case .integralFloat:
      for i in words.indices {
        let bits = UInt16(
          littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self))
        let float = Bfloat16.float(bits)
        // Also false of a NaN; -0.0 is not what zero is written as.
        guard float.magnitude <= Float(PlaneForm.greatestIntegralFloat),
          float == float.rounded(.towardZero), bits != 0x8000
        else { throw Malformed("has a level that is no whole number up to 256") }
        words[i] = Int16(float)
      }
    }
  }
}
