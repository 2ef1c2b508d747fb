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

  public func rounded(_ tensor: RoundingInput) throws -> RoundedValues? {
    try NarrowMap<Bfloat16>.rounded(
      tensor, precision,
      excess: "bf16 ends at \(Bfloat16.greatestFinite). --saturate makes them that")
  }
}

extension Bfloat16: NarrowFloat {
  static let code: UInt8 = 2
  static let title = "bfloat16"
  static let form = PlaneForm.bfloat16
  static let overflow = 0x1.FFp127
}
