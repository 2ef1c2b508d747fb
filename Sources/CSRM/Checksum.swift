import CKernels

/// CRC-32C (Castagnoli; RFC 3720, appendix B.4): one instruction on x86-64 and arm64, and every
/// burst of up to 32 changed bits is found.
enum Checksum {
  static func of(_ bytes: UnsafeRawBufferPointer, continuing previous: UInt32 = 0) -> UInt32 {
    ck_crc32c(Kernels.level, previous, bytes.baseAddress, bytes.count)
  }

  static func of(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { of($0) } }

  /// The checksum of A followed by B, from those of A and B and the number of bytes in B.
  static func combine(_ a: UInt32, _ b: UInt32, lengthOfB: Int) -> UInt32 {
    ck_crc32c_combine(a, b, UInt64(lengthOfB))
  }
}

enum Kernels {
  /// The instructions that the kernels use here.
  static let level = ck_best_level()
}
