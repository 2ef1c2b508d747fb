import Tensors

/// `bf16`: the upper halves of floats, to nearest with ties to even. For floats and doubles; 16-bit
/// types are left as they are.
public struct Bfloat16Values: ValueRounding {
  public static let family = "bf16"
  public static let syntax = "bf16"

  public init?(argument: String?) { if argument != nil { return nil } }
  public init() {}

  public var name: String { Self.family }
  public var precision: Precision { .bfloat16 }
  public var saturates: Bool { true }

  /// The least magnitude that rounds to infinity.
  static let overflow = 0x1.FFp127

  public func rounded(_ tensor: RoundingInput) throws -> RoundedValues? {
    guard tensor.values.type.size > 2, let largest = try tensor.largest() else { return nil }
    guard largest < Self.overflow || tensor.saturates else {
      throw tensor.refused(
        "has weights up to \(largest), and bf16 ends at \(Bfloat16.greatestFinite). --saturate makes them that"
      )
    }
    return try RoundedValues(tensor, precision, Bfloat16Map(), limit: Self.overflow)
  }
}

/// Map 2: words are the bits of bfloat16 numbers.
struct Bfloat16Map: ValueMap {
  static let code: UInt8 = 2

  init() {}
  init(_ fields: inout FieldReader, columns: Int, type: ElementType) throws(Malformed) {
    guard type.size > 2 else { throw Malformed("has bfloat16 for elements that are no wider") }
  }

  func write(to fields: inout FieldWriter) {}

  var forms: [PlaneForm] { [.bfloat16] }
  var span: LevelSpan? { nil }

  func floats(
    of words: UnsafePointer<Int16>, _ elements: Range<Int>, into floats: UnsafeMutablePointer<Float>
  ) throws(Malformed) {
    for i in 0..<elements.count {
      let float = Bfloat16.float(UInt16(bitPattern: words[i]))
      guard float.isFinite, words[i] != .min else {
        throw Malformed("has a bfloat16 that is -0 or no number")
      }
      floats[i] = float
    }
  }

  func nearest(
    to values: UnsafePointer<Double>, _ elements: Range<Int>,
    into words: UnsafeMutablePointer<Int16>
  ) {
    let most = Bfloat16.greatestFinite
    for i in 0..<elements.count {
      let word = Bfloat16.bits(min(max(values[i], -most), most))
      words[i] = word & 0x7fff == 0 ? 0 : Int16(bitPattern: word)
    }
  }
}
