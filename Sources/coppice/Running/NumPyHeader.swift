import Tensors

/// The header of a `.npy` file, version 1.0 (NumPy's format description, NEP 1).
enum NumPyHeader {
  /// Magic, version, and a dictionary padded so that the data begins at a multiple of 64 bytes.
  /// bfloat16, which NumPy does not know, becomes a two-byte void.
  ///
  /// Throws `Unsupported`, naming `tensor`, where the shape has too many dimensions for it.
  static func bytes(_ type: ElementType, shape: [Int], tensor: String) throws -> [UInt8] {
    let order = type.size == 1 ? "|" : type.isBigEndian ? ">" : "<"
    let code: String =
      switch type.kind {
      case .float16, .float32, .float64: "\(order)f\(type.size)"
      case .int8, .int16, .int32, .int64: "\(order)i\(type.size)"
      case .uint8, .uint16, .uint32, .uint64: "\(order)u\(type.size)"
      case .bool: "|b1"
      case .bfloat16, .opaque: "|V\(type.size)"
      }
    let dimensions = shape.map { "\($0)," }.joined(separator: " ")
    let text = "{'descr': '\(code)', 'fortran_order': False, 'shape': (\(dimensions)), }"
    let padding = 63 - (10 + text.utf8.count) % 64
    let body = Array(text.utf8) + [UInt8](repeating: 0x20, count: padding) + [0x0a]
    guard body.count <= 65_535 else {
      throw Unsupported("\(tensor): its shape is too long for a .npy header")
    }
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(body.count & 255), UInt8(body.count >> 8)]
      + body
  }
}
