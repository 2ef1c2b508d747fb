import Tensors

/// The type of an element, whole: enough to make the same HDF5 datatype again.
///
/// **Portable form** of a value: plain types (no variable-length data, no reference inside) are
/// their bytes as stored. Otherwise, element after element: a variable-length string is a varint of
/// its length plus 1 and its bytes (0 stands for a null pointer); a sequence is a varint of its
/// count and its elements in portable form; an object reference is a varint of the object's index
/// plus 1 (0 is the null reference); a compound is its members in order, each in portable form,
/// without padding; an array is its elements.
public indirect enum Datatype: Hashable, Sendable {
  case integer(Integer)
  case float(Float)
  /// Fixed length in bytes.
  case string(length: Int, padding: StringPadding, isUTF8: Bool)
  case variableString(padding: StringPadding, isUTF8: Bool)
  case opaque(size: Int, tag: [UInt8])
  case bitfield(Integer)
  case compound(size: Int, members: [Member])
  case enumeration(base: Datatype, members: [EnumerationMember])
  case array(base: Datatype, dimensions: [Int])
  case sequence(base: Datatype)
  /// A reference to an object of the same file.
  case objectReference

  public struct Integer: Hashable, Sendable {
    /// Bytes.
    public var size: Int
    public var isBigEndian: Bool
    public var isSigned: Bool
    /// Significant bits, and where they begin.
    public var precision: Int
    public var bitOffset: Int
    /// H5T_pad_t below and above the significant bits: 0 zeros, 1 ones, 2 background.
    public var lowPadding: UInt8
    public var highPadding: UInt8

    public init(size: Int, isSigned: Bool, isBigEndian: Bool = false) {
      self.size = size
      self.isSigned = isSigned
      self.isBigEndian = isBigEndian
      precision = size * 8
      bitOffset = 0
      lowPadding = 0
      highPadding = 0
    }
  }

  public struct Float: Hashable, Sendable {
    /// Bytes.
    public var size: Int
    /// H5T_order_t: 0 little-endian, 1 big-endian, 2 VAX.
    public var order: UInt8
    public var precision: Int
    public var bitOffset: Int
    public var lowPadding: UInt8
    public var highPadding: UInt8
    public var internalPadding: UInt8
    public var signPosition: Int
    public var exponentPosition: Int
    public var exponentSize: Int
    public var mantissaPosition: Int
    public var mantissaSize: Int
    public var exponentBias: UInt64
    /// H5T_norm_t: 0 implied leading bit, 1 most significant bit set, 2 none.
    public var normalization: UInt8

    /// An IEEE 754 binary type of 2, 4 or 8 bytes.
    public init(ieee size: Int, isBigEndian: Bool = false) {
      precondition(size == 2 || size == 4 || size == 8)
      let exponent = size == 2 ? 5 : size == 4 ? 8 : 11
      self.size = size
      order = isBigEndian ? 1 : 0
      precision = size * 8
      bitOffset = 0
      lowPadding = 0
      highPadding = 0
      internalPadding = 0
      signPosition = size * 8 - 1
      exponentPosition = size * 8 - 1 - exponent
      exponentSize = exponent
      mantissaPosition = 0
      mantissaSize = size * 8 - 1 - exponent
      exponentBias = (1 << UInt64(exponent - 1)) - 1
      normalization = 0
    }
  }

  /// H5T_str_t.
  public enum StringPadding: UInt8, Sendable { case nullTerminated = 0, nullPadded, spacePadded }

  public struct Member: Hashable, Sendable {
    public var name: Name
    /// Bytes from the start of the compound.
    public var offset: Int
    public var type: Datatype
    public init(name: Name, offset: Int, type: Datatype) {
      self.name = name
      self.offset = offset
      self.type = type
    }
  }

  public struct EnumerationMember: Hashable, Sendable {
    public var name: Name
    /// The value as bytes of the base type.
    public var value: [UInt8]
    public init(name: Name, value: [UInt8]) {
      self.name = name
      self.value = value
    }
  }
}

extension Datatype {
  /// Whether a value is bytes alone: no variable-length data and no reference anywhere inside.
  public var isPlain: Bool {
    switch self {
    case .integer, .float, .string, .opaque, .bitfield, .enumeration: true
    case .variableString, .sequence, .objectReference: false
    case .compound(_, let members): members.allSatisfy { $0.type.isPlain }
    case .array(let base, _): base.isPlain
    }
  }

  /// Bytes an element takes in its plain form; for types that are not plain, 0.
  public var size: Int {
    switch self {
    case .integer(let integer), .bitfield(let integer): integer.size
    case .float(let float): float.size
    case .string(let length, _, _): length
    case .opaque(let size, _): size
    case .compound(let size, _): size
    case .enumeration(let base, _): base.size
    case .array(let base, let dimensions): dimensions.reduce(base.size, *)
    case .variableString, .sequence, .objectReference: 0
    }
  }

  /// The type that elements of `type` are stored as: what `elementType` takes for it, and bytes
  /// where that is nothing.
  public init(_ type: ElementType) {
    switch type.kind {
    case .float16, .float32, .float64:
      self = .float(Float(ieee: type.size, isBigEndian: type.isBigEndian))
    case .bfloat16 where type.isBigEndian:
      // Two opaque bytes are a bfloat16 of the usual order: of the other one they are no number here.
      self = .bitfield(Integer(size: 2, isSigned: false, isBigEndian: true))
    case .bfloat16, .opaque: self = .opaque(size: type.size, tag: [])
    case .int8, .int16, .int32, .int64:
      self = .integer(Integer(size: type.size, isSigned: true, isBigEndian: type.isBigEndian))
    case .uint8, .uint16, .uint32, .uint64:
      self = .integer(Integer(size: type.size, isSigned: false, isBigEndian: type.isBigEndian))
    case .bool:
      self = .enumeration(
        base: .integer(Integer(size: 1, isSigned: true)),
        members: [.init(name: "FALSE", value: [0]), .init(name: "TRUE", value: [1])])
    }
  }

  /// The number type, where it is one that coppice computes with. An opaque type of two bytes is how
  /// Keras 3 stores bfloat16 (keras-files.md, section 3, point 10); anything else gives nil.
  public var elementType: ElementType? {
    switch self {
    case .float(let float):
      guard [2, 4, 8].contains(float.size), float.order < 2,
        float == Float(ieee: float.size, isBigEndian: float.order == 1)
      else { return nil }
      let kind: ElementType.Kind = float.size == 2 ? .float16 : float.size == 4 ? .float32 : .float64
      return ElementType(kind, bigEndian: float.order == 1)
    case .integer(let integer):
      guard integer.precision == integer.size * 8, integer.bitOffset == 0 else { return nil }
      let kinds: [Int: (ElementType.Kind, ElementType.Kind)] = [
        1: (.int8, .uint8), 2: (.int16, .uint16), 4: (.int32, .uint32), 8: (.int64, .uint64),
      ]
      guard let (signed, unsigned) = kinds[integer.size] else { return nil }
      return ElementType(integer.isSigned ? signed : unsigned, bigEndian: integer.isBigEndian)
    case .enumeration(let base, let members):
      guard base.size == 1, members.map(\.name) == ["FALSE", "TRUE"],
        members.map(\.value) == [[0], [1]]
      else { return nil }
      return ElementType(.bool)
    case .opaque(size: 2, _): return .bfloat16
    default: return nil
    }
  }
}
