import Tensors

/// An element type as the directory has it: a code and a width. A later version may know more
/// codes, whose elements can still be carried as bytes.
struct ElementCode: Hashable, Sendable {
  /// `ElementType.Kind`'s raw value, plus 0x80 where the bytes are big-endian.
  let code: UInt8
  let size: Int

  private static let bigEndian: UInt8 = 0x80

  init(code: UInt8, size: Int) throws(Malformed) {
    self.code = code
    self.size = size
    guard size > 0 else { throw Malformed("has elements of no bytes") }
    if let kind = ElementType.Kind(rawValue: code & ~ElementCode.bigEndian), kind != .opaque {
      guard size == ElementType.width(of: kind) else {
        throw Malformed(
          "has elements of \(size) bytes where \(kind) has \(ElementType.width(of: kind))")
      }
      guard size > 1 || code & ElementCode.bigEndian == 0 else {
        throw Malformed("has big-endian elements of one byte")
      }
    }
  }

  init(_ type: ElementType) {
    code = type.kind.rawValue | (type.isBigEndian ? ElementCode.bigEndian : 0)
    size = type.size
  }

  /// Opaque where the code is not known here.
  var type: ElementType {
    guard let kind = ElementType.Kind(rawValue: code & ~ElementCode.bigEndian), kind != .opaque
    else {
      return .opaque(size: size)
    }
    return ElementType(kind, bigEndian: code & ElementCode.bigEndian != 0)
  }
}
