/// How one element of a tensor is stored: a number type, its width and its byte order; or bytes
/// that coppice carries without knowing what they mean.
public struct ElementType: Hashable, Sendable, CustomStringConvertible {
  public enum Kind: UInt8, Sendable, CaseIterable {
    case float16 = 1, bfloat16, float32, float64
    case int8, int16, int32, int64
    case uint8, uint16, uint32, uint64
    /// h5py's enumeration of FALSE and TRUE over one signed byte.
    case bool
    /// Bytes of a type that is no number here (strings, compounds, odd floats).
    case opaque
  }

  public let kind: Kind
  /// Bytes an element.
  public let size: Int
  public let isBigEndian: Bool

  public init(_ kind: Kind, bigEndian: Bool = false) {
    precondition(kind != .opaque)
    self.kind = kind
    size = Self.width(of: kind)
    isBigEndian = bigEndian && size > 1
  }

  /// Elements of `size` bytes each whose meaning is not known.
  public static func opaque(size: Int) -> ElementType { ElementType(opaqueSize: size) }

  private init(opaqueSize: Int) {
    precondition(opaqueSize > 0)
    kind = .opaque
    size = opaqueSize
    isBigEndian = false
  }

  public static let float16 = ElementType(.float16)
  public static let bfloat16 = ElementType(.bfloat16)
  public static let float32 = ElementType(.float32)
  public static let float64 = ElementType(.float64)

  /// Bytes an element of `kind`; 0 for `opaque`, whose width is its own.
  public static func width(of kind: Kind) -> Int {
    switch kind {
    case .int8, .uint8, .bool: 1
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    case .opaque: 0
    }
  }

  public var isFloat: Bool {
    switch kind {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }

  /// `float32`, `int64`, `bool`; `float32-be` for big-endian storage; `opaque3` for three bytes of
  /// an unknown type.
  public var description: String {
    if kind == .opaque { return "opaque\(size)" }
    return isBigEndian ? "\(kind)-be" : "\(kind)"
  }
}
