import Documents

/// Datatypes as fields (csrm(5), DATATYPES).
private enum TypeCode: UInt8 {
  case integer = 1
  case float, string, variableString, opaque, bitfield, compound, enumeration, array
  case sequence, objectReference
}

/// Types in types: no file has so many, and a reader must not run out of stack.
private let deepestType = 32

extension FieldWriter {
  mutating func datatype(_ type: Datatype, depth: Int = 0) throws(Malformed) {
    guard depth < deepestType else { throw Malformed("has types nested over \(deepestType) deep") }
    func integer(_ integer: Datatype.Integer, _ out: inout FieldWriter) {
      out.varint(integer.size)
      out.byte((integer.isBigEndian ? 1 : 0) | (integer.isSigned ? 2 : 0))
      out.varint(integer.precision)
      out.varint(integer.bitOffset)
      out.byte(integer.lowPadding)
      out.byte(integer.highPadding)
    }
    switch type {
    case .integer(let value):
      byte(TypeCode.integer.rawValue)
      integer(value, &self)
    case .float(let float):
      byte(TypeCode.float.rawValue)
      varint(float.size)
      byte(float.order)
      varint(float.precision)
      varint(float.bitOffset)
      byte(float.lowPadding)
      byte(float.highPadding)
      byte(float.internalPadding)
      varint(float.signPosition)
      varint(float.exponentPosition)
      varint(float.exponentSize)
      varint(float.mantissaPosition)
      varint(float.mantissaSize)
      varint(float.exponentBias)
      byte(float.normalization)
    case .string(let length, let padding, let isUTF8):
      byte(TypeCode.string.rawValue)
      varint(length)
      byte(padding.rawValue)
      byte(isUTF8 ? 1 : 0)
    case .variableString(let padding, let isUTF8):
      byte(TypeCode.variableString.rawValue)
      byte(padding.rawValue)
      byte(isUTF8 ? 1 : 0)
    case .opaque(let size, let tag):
      byte(TypeCode.opaque.rawValue)
      varint(size)
      string(tag)
    case .bitfield(let value):
      byte(TypeCode.bitfield.rawValue)
      integer(value, &self)
    case .compound(let size, let members):
      byte(TypeCode.compound.rawValue)
      varint(size)
      varint(members.count)
      for member in members {
        string(member.name.bytes)
        varint(member.offset)
        try datatype(member.type, depth: depth + 1)
      }
    case .enumeration(let base, let members):
      byte(TypeCode.enumeration.rawValue)
      try datatype(base, depth: depth + 1)
      varint(members.count)
      for member in members {
        string(member.name.bytes)
        string(member.value)
      }
    case .array(let base, let dimensions):
      byte(TypeCode.array.rawValue)
      try datatype(base, depth: depth + 1)
      varint(dimensions.count)
      for dimension in dimensions { varint(dimension) }
    case .sequence(let base):
      byte(TypeCode.sequence.rawValue)
      try datatype(base, depth: depth + 1)
    case .objectReference:
      byte(TypeCode.objectReference.rawValue)
    }
  }
}

extension FieldReader {
  mutating func datatype(depth: Int = 0) throws(Malformed) -> Datatype {
    guard depth < deepestType else { throw Malformed("has types nested over \(deepestType) deep") }
    switch try choice(TypeCode.self, "datatype class") {
    case .integer: return .integer(try integerType())
    case .bitfield: return .bitfield(try integerType())
    case .float: return .float(try floatType())
    case .string:
      return .string(
        length: try typeSize(), padding: try choice(Datatype.StringPadding.self, "string padding"),
        isUTF8: try flag())
    case .variableString:
      return .variableString(
        padding: try choice(Datatype.StringPadding.self, "string padding"), isUTF8: try flag())
    case .opaque: return .opaque(size: try typeSize(), tag: try string())
    case .compound:
      let size = try typeSize()
      var members: [Datatype.Member] = []
      for _ in 0..<(try things(each: 3)) {
        let name = Name(bytes: try string())
        let offset = try self.size()
        let type = try datatype(depth: depth + 1)
        guard offset <= size, type.size <= size - offset else {
          throw Malformed("has a compound whose member does not lie inside it")
        }
        members.append(.init(name: name, offset: offset, type: type))
      }
      return .compound(size: size, members: members)
    case .enumeration:
      let base = try datatype(depth: depth + 1)
      var members: [Datatype.EnumerationMember] = []
      for _ in 0..<(try things(each: 2)) {
        members.append(.init(name: Name(bytes: try string()), value: try string()))
      }
      guard members.allSatisfy({ $0.value.count == base.size }) else {
        throw Malformed("has an enumeration whose values are not of its base type")
      }
      return .enumeration(base: base, members: members)
    case .array:
      let base = try datatype(depth: depth + 1)
      let rank = try count()
      guard rank <= Entry.greatestRank else { throw Malformed("has an array type of rank \(rank)") }
      var dimensions: [Int] = []
      // Values of some types have no fixed size; of these the elements are counted.
      var size = max(1, base.size)
      for _ in 0..<rank {
        let dimension = try self.size()
        guard dimension > 0 else { throw Malformed("has an array type without elements") }
        let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
        guard !overflow, product <= Int(UInt32.max), dimension <= Int(UInt32.max) else {
          throw Malformed("has an array type of over 4 GiB")
        }
        dimensions.append(dimension)
        size = product
      }
      return .array(base: base, dimensions: dimensions)
    case .sequence: return .sequence(base: try datatype(depth: depth + 1))
    case .objectReference: return .objectReference
    }
  }

  /// Bytes of an element: HDF5 keeps them in 32 bits.
  private mutating func typeSize() throws(Malformed) -> Int {
    let size = try size()
    guard size <= Int(UInt32.max) else { throw Malformed("has a datatype of \(size) bytes") }
    return size
  }

  private mutating func integerType() throws(Malformed) -> Datatype.Integer {
    let size = try typeSize()
    let flags = try byte()
    guard flags < 4 else { throw Malformed("has integer flags \(flags)") }
    var integer = Datatype.Integer(
      size: size, isSigned: flags & 2 != 0, isBigEndian: flags & 1 != 0)
    integer.precision = try self.size()
    integer.bitOffset = try self.size()
    integer.lowPadding = try byte()
    integer.highPadding = try byte()
    return integer
  }

  private mutating func floatType() throws(Malformed) -> Datatype.Float {
    var float = Datatype.Float(ieee: 4)
    float.size = try typeSize()
    float.order = try byte()
    float.precision = try size()
    float.bitOffset = try size()
    float.lowPadding = try byte()
    float.highPadding = try byte()
    float.internalPadding = try byte()
    float.signPosition = try size()
    float.exponentPosition = try size()
    float.exponentSize = try size()
    float.mantissaPosition = try size()
    float.mantissaSize = try size()
    float.exponentBias = try varint()
    float.normalization = try byte()
    return float
  }
}
