import CHDF5
import Documents

extension Datatype {
  /// The type that `id` names, whole. Nesting is followed to 64 levels.
  init(reading id: hid_t, depth: Int = 0) throws(Trouble) {
    guard depth < 64 else { throw .unsupported("a datatype nested deeper than 64 levels") }
    switch H5Tget_class(id) {
    case H5T_INTEGER: self = .integer(try Integer(reading: id))
    case H5T_BITFIELD: self = .bitfield(try Integer(reading: id))
    case H5T_FLOAT: self = .float(try Float(reading: id))
    case H5T_STRING:
      guard let padding = StringPadding(rawValue: UInt8(try check(H5Tget_strpad(id).rawValue32)))
      else { throw .damaged("a string type with unknown padding") }
      let isUTF8 = H5Tget_cset(id) == H5T_CSET_UTF8
      self =
        try check(H5Tis_variable_str(id)) > 0
        ? .variableString(padding: padding, isUTF8: isUTF8)
        : .string(length: try Self.size(of: id), padding: padding, isUTF8: isUTF8)
    case H5T_OPAQUE:
      let tag = H5Tget_tag(id)
      defer { H5free_memory(tag) }
      self = .opaque(size: try Self.size(of: id), tag: tag.map { bytes(ofCString: $0) } ?? [])
    case H5T_COMPOUND:
      var members: [Member] = []
      for index in 0..<UInt32(try check(H5Tget_nmembers(id))) {
        let type = try Handle(H5Tget_member_type(id, index))
        members.append(
          Member(
            name: try Self.memberName(of: id, index), offset: H5Tget_member_offset(id, index),
            type: try Datatype(reading: type.id, depth: depth + 1)))
      }
      self = .compound(size: try Self.size(of: id), members: members)
    case H5T_ENUM:
      let base = try Handle(H5Tget_super(id))
      let width = try Self.size(of: base.id)
      guard width <= 64 else { throw .damaged("an enumeration of \(width) bytes") }
      var members: [EnumerationMember] = []
      for index in 0..<UInt32(try check(H5Tget_nmembers(id))) {
        var value = [UInt8](repeating: 0, count: width)
        try check(H5Tget_member_value(id, index, &value))
        members.append(EnumerationMember(name: try Self.memberName(of: id, index), value: value))
      }
      self = .enumeration(base: try Datatype(reading: base.id, depth: depth + 1), members: members)
    case H5T_ARRAY:
      let base = try Handle(H5Tget_super(id))
      var dimensions = [hsize_t](repeating: 0, count: Int(try check(H5Tget_array_ndims(id))))
      try check(H5Tget_array_dims2(id, &dimensions))
      self = .array(
        base: try Datatype(reading: base.id, depth: depth + 1),
        dimensions: try dimensions.map { (dimension) throws(Trouble) in try int(dimension) })
    case H5T_VLEN:
      let base = try Handle(H5Tget_super(id))
      self = .sequence(base: try Datatype(reading: base.id, depth: depth + 1))
    case H5T_REFERENCE where chdf5_is_object_reference(id) > 0: self = .objectReference
    case H5T_REFERENCE: throw .unsupported("the type region reference")
    case H5T_TIME: throw .unsupported("the type time")
    case H5T_NO_CLASS: throw .library(takeMessage())
    case let other: throw .unsupported("a datatype of class \(other.rawValue)")
    }
    // What is read later goes into a buffer that was measured by our own count.
    guard try Self.size(of: id) == memorySize else {
      throw .damaged("a datatype whose parts do not add up to its size")
    }
  }

  private static func size(of id: hid_t) throws(Trouble) -> Int {
    let size = H5Tget_size(id)
    guard size > 0 else { throw .library(takeMessage()) }
    guard size <= 1 << 40 else { throw .damaged("a datatype of \(size) bytes") }
    return size
  }

  private static func memberName(of id: hid_t, _ index: UInt32) throws(Trouble) -> Name {
    guard let name = H5Tget_member_name(id, index) else { throw .library(takeMessage()) }
    defer { H5free_memory(name) }
    return Name(bytes: bytes(ofCString: name))
  }
}

extension Datatype.Integer {
  fileprivate init(reading id: hid_t) throws(Trouble) {
    self.init(
      size: H5Tget_size(id),
      isSigned: H5Tget_class(id) == H5T_INTEGER && H5Tget_sign(id) == H5T_SGN_2,
      isBigEndian: H5Tget_order(id) == H5T_ORDER_BE)
    precision = H5Tget_precision(id)
    bitOffset = Int(try check(H5Tget_offset(id)))
    (lowPadding, highPadding) = try padding(of: id)
  }
}

extension Datatype.Float {
  fileprivate init(reading id: hid_t) throws(Trouble) {
    self.init(ieee: 8)
    size = H5Tget_size(id)
    switch H5Tget_order(id) {
    case H5T_ORDER_BE: order = 1
    case H5T_ORDER_VAX: order = 2
    default: order = 0
    }
    precision = H5Tget_precision(id)
    bitOffset = Int(try check(H5Tget_offset(id)))
    (lowPadding, highPadding) = try padding(of: id)
    internalPadding = UInt8(truncatingIfNeeded: H5Tget_inpad(id).rawValue)
    var sign = 0
    var exponent = (0, 0)
    var mantissa = (0, 0)
    try check(H5Tget_fields(id, &sign, &exponent.0, &exponent.1, &mantissa.0, &mantissa.1))
    signPosition = sign
    (exponentPosition, exponentSize) = exponent
    (mantissaPosition, mantissaSize) = mantissa
    exponentBias = UInt64(H5Tget_ebias(id))
    switch H5Tget_norm(id) {
    case H5T_NORM_IMPLIED: normalization = 0
    case H5T_NORM_MSBSET: normalization = 1
    default: normalization = 2
    }
  }
}

private func padding(of id: hid_t) throws(Trouble) -> (UInt8, UInt8) {
  var low = H5T_PAD_ZERO
  var high = H5T_PAD_ZERO
  try check(H5Tget_pad(id, &low, &high))
  return (UInt8(truncatingIfNeeded: low.rawValue), UInt8(truncatingIfNeeded: high.rawValue))
}

extension H5T_str_t {
  fileprivate var rawValue32: Int32 { Int32(truncatingIfNeeded: rawValue) }
}

/// A size or count of the library as `Int`.
func int(_ value: hsize_t) throws(Trouble) -> Int {
  guard let small = Int(exactly: value) else { throw .damaged("a size of \(value)") }
  return small
}

/// The bytes of a C string, without its terminator.
func bytes(ofCString text: UnsafePointer<CChar>) -> [UInt8] {
  var length = 0
  while text[length] != 0 { length += 1 }
  return text.withMemoryRebound(to: UInt8.self, capacity: length) {
    [UInt8](UnsafeBufferPointer(start: $0, count: length))
  }
}
