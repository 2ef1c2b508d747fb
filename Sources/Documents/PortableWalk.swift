extension Datatype {
  /// Whether an object reference is anywhere inside.
  public var hasReference: Bool {
    switch self {
    case .objectReference: true
    case .sequence(let base), .array(let base, _): base.hasReference
    case .compound(_, let members): members.contains { $0.type.hasReference }
    default: false
    }
  }
}

/// Copies values in portable form and puts other objects in their references.
struct PortableWalk {
  private let value: [UInt8]
  private var at = 0
  private(set) var copied: [UInt8] = []
  private let partner: (Document.ObjectID) -> Document.ObjectID?

  init(_ value: [UInt8], partner: @escaping (Document.ObjectID) -> Document.ObjectID?) {
    self.value = value
    self.partner = partner
  }

  var isAtEnd: Bool { at >= value.count }
  /// Bytes that are not walked over yet.
  var left: Int { value.count - at }

  /// Copies one element of `type`. False where the value is cut off, or a reference leads to an
  /// object without a partner.
  mutating func copy(_ type: Datatype) -> Bool {
    switch type {
    case .variableString:
      guard let code = copyVarint() else { return false }
      return copyBytes(max(0, code - 1))
    case .sequence(let base):
      guard let count = copyVarint(), count <= value.count - at else { return false }
      for _ in 0..<count { if !copy(base) { return false } }
      return true
    case .objectReference:
      guard let code = varint() else { return false }
      guard code > 0 else {
        append(0)
        return true
      }
      guard let object = partner(code - 1) else { return false }
      append(UInt64(object) + 1)
      return true
    case .compound(_, let members) where !type.isPlain:
      for member in members { if !copy(member.type) { return false } }
      return true
    case .array(let base, let dimensions) where !type.isPlain:
      for _ in 0..<dimensions.reduce(1, *) { if !copy(base) { return false } }
      return true
    default: return copyBytes(type.size)
    }
  }

  private mutating func copyBytes(_ count: Int) -> Bool {
    guard count <= value.count - at else { return false }
    copied += value[at..<at + count]
    at += count
    return true
  }

  private mutating func copyVarint() -> Int? {
    guard let code = varint() else { return nil }
    append(UInt64(code))
    return code
  }

  private mutating func varint() -> Int? {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while at < value.count, shift < 63 {
      let byte = value[at]
      at += 1
      result |= UInt64(byte & 0x7f) << shift
      if byte & 0x80 == 0 { return Int(exactly: result) }
      shift += 7
    }
    return nil
  }

  private mutating func append(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      copied.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    copied.append(UInt8(rest))
  }
}
