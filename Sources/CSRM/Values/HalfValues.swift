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

  public func rounded(_ tensor: RoundingInput) throws -> RoundedValues? {
    try NarrowMap<Float16>.rounded(
      tensor, precision,
      excess: "f16 ends at 65504. Give --values bf16, or --saturate to make them that")
  }
}

extension Float16: NarrowFloat {
  static let code: UInt8 = 1
  static let title = "half"
  static let form = PlaneForm.half
  static let greatestFinite = Double(Float16.greatestFiniteMagnitude)
  static let overflow = 65_520.0

  static func float(_ bits: UInt16) -> Float { Float(Float16(bitPattern: bits)) }
  static func bits(_ value: Double) -> UInt16 { Float16(value).bitPattern }
}
