import Tensors

/// `f16`: IEEE 754 halves, to nearest with ties to even. For floats and doubles; 16-bit types are
/// left as they are.
public struct HalfValues: ValueRounding {
  public static let family = "f16"
  public static let syntax = "f16"

  public init?(argument: String?) { if argument != nil { return nil } }
  public init() {}

  public var name: String { Self.family }
  public var precision: Precision { .float16 }
  public var saturates: Bool { true }

  /// The least magnitude that rounds to infinity.
  static let overflow = 65_520.0

  public func rounded(_ tensor: RoundingInput) throws -> RoundedValues? {
    guard tensor.values.type.size > 2, let largest = try tensor.largest() else { return nil }
    guard largest < Self.overflow || tensor.saturates else {
      throw tensor.refused(
        "has weights up to \(largest), and f16 ends at 65504. Give --values bf16, or --saturate to make them that"
      )
    }
    return try RoundedValues(tensor, precision, HalfMap(), limit: Self.overflow)
  }
}

/// Map 1: words are the bits of halves.
struct HalfMap: ValueMap {
  static let code: UInt8 = 1

  init() {}
  init(_ fields: inout FieldReader, columns: Int, type: ElementType) throws(Malformed) {
    guard type.size > 2 else { throw Malformed("has halves for elements that are no wider") }
  }

  func write(to fields: inout FieldWriter) {}

  var forms: [PlaneForm] { [.half] }
  var span: LevelSpan? { nil }

  func floats(
    of words: UnsafePointer<Int16>, _ elements: Range<Int>, into floats: UnsafeMutablePointer<Float>
  ) throws(Malformed) {
    for i in 0..<elements.count {
      let half = Float16(bitPattern: UInt16(bitPattern: words[i]))
      guard half.isFinite, words[i] != .min else {
        throw Malformed("has a half that is -0 or no number")
      }
      floats[i] = Float(half)
    }
  }

  func nearest(
    to values: UnsafePointer<Double>, _ elements: Range<Int>,
    into words: UnsafeMutablePointer<Int16>
  ) {
    let most = Double(Float16.greatestFiniteMagnitude)
    for i in 0..<elements.count {
      let half = Float16(min(max(values[i], -most), most))
      words[i] = half == 0 ? 0 : Int16(bitPattern: half.bitPattern)
    }
  }
}
