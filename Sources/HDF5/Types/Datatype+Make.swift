import CHDF5
import Documents

extension Datatype {
  /// A datatype of the library with all of this one's properties.
  func make() throws(Trouble) -> Handle {
    switch self {
    case .integer(let integer): return try integer.make(chdf5_new_integer(integer.isSigned ? 1 : 0))
    case .bitfield(let field): return try field.make(chdf5_new_bitfield())
    case .float(let float): return try float.make()
    case .string(let length, let padding, let isUTF8):
      return try Self.makeString(length, padding, isUTF8)
    case .variableString(let padding, let isUTF8):
      return try Self.makeString(chdf5_variable(), padding, isUTF8)
    case .opaque(let size, let tag):
      let type = try Handle(H5Tcreate(H5T_OPAQUE, size))
      try check(H5Tset_tag(type.id, try cString(tag)))
      return type
    case .compound(let size, let members):
      let type = try Handle(H5Tcreate(H5T_COMPOUND, size))
      for member in members {
        let part = try member.type.make()
        try check(H5Tinsert(type.id, try cString(member.name.bytes), member.offset, part.id))
      }
      return type
    case .enumeration(let base, let members):
      let whole = try base.make()
      let type = try Handle(H5Tenum_create(whole.id))
      for member in members {
        guard member.value.count == base.size else {
          throw .inconsistent("an enumeration whose values are not of its type")
        }
        try check(H5Tenum_insert(type.id, try cString(member.name.bytes), member.value))
      }
      return type
    case .array(let base, let dimensions):
      let element = try base.make()
      return try Handle(
        H5Tarray_create2(
          element.id, UInt32(dimensions.count), dimensions.map { hsize_t(clamping: $0) }))
    case .sequence(let base):
      let element = try base.make()
      return try Handle(H5Tvlen_create(element.id))
    case .objectReference: return try Handle(chdf5_new_object_reference())
    }
  }

  private static func makeString(
    _ size: Int, _ padding: StringPadding, _ isUTF8: Bool
  ) throws(Trouble) -> Handle {
    let type = try Handle(chdf5_new_string())
    try check(H5Tset_size(type.id, size))
    try check(H5Tset_strpad(type.id, H5T_str_t(rawValue: numericCast(padding.rawValue))))
    try check(H5Tset_cset(type.id, isUTF8 ? H5T_CSET_UTF8 : H5T_CSET_ASCII))
    return type
  }
}

extension Datatype.Integer {
  /// Sets these properties on a copy of a 4-byte type. The order of the calls matters: each
  /// refuses what does not fit the size so far.
  fileprivate func make(_ copy: hid_t) throws(Trouble) -> Handle {
    let type = try Handle(copy)
    try check(H5Tset_size(type.id, size))
    try check(H5Tset_order(type.id, isBigEndian ? H5T_ORDER_BE : H5T_ORDER_LE))
    try check(H5Tset_precision(type.id, precision))
    try check(H5Tset_offset(type.id, bitOffset))
    try setPadding(of: type.id, lowPadding, highPadding)
    return type
  }
}

extension Datatype.Float {
  fileprivate func make() throws(Trouble) -> Handle {
    let type = try Handle(chdf5_new_float())
    // Room for every field first, then the fields, then down to the real size.
    let room = max(8, size)
    try check(H5Tset_size(type.id, room))
    try check(H5Tset_precision(type.id, room * 8))
    try check(
      H5Tset_fields(
        type.id, signPosition, exponentPosition, exponentSize, mantissaPosition, mantissaSize))
    try check(H5Tset_precision(type.id, precision))
    try check(H5Tset_offset(type.id, bitOffset))
    try check(H5Tset_size(type.id, size))
    try check(H5Tset_ebias(type.id, Int(clamping: exponentBias)))
    let norms = [H5T_NORM_IMPLIED, H5T_NORM_MSBSET, H5T_NORM_NONE]
    try check(H5Tset_norm(type.id, norms[min(2, Int(normalization))]))
    try setPadding(of: type.id, lowPadding, highPadding)
    try check(H5Tset_inpad(type.id, H5T_pad_t(rawValue: numericCast(min(2, internalPadding)))))
    let orders = [H5T_ORDER_LE, H5T_ORDER_BE, H5T_ORDER_VAX]
    try check(H5Tset_order(type.id, orders[min(2, Int(order))]))
    return type
  }
}

private func setPadding(of id: hid_t, _ low: UInt8, _ high: UInt8) throws(Trouble) {
  try check(
    H5Tset_pad(
      id, H5T_pad_t(rawValue: numericCast(min(2, low))),
      H5T_pad_t(rawValue: numericCast(min(2, high)))))
}

/// The bytes as a C string; they hold no zero byte.
func cString(_ bytes: [UInt8]) throws(Trouble) -> [CChar] {
  guard !bytes.contains(0) else { throw .inconsistent("a name with a zero byte in it") }
  return bytes.map { CChar(bitPattern: $0) } + [0]
}
