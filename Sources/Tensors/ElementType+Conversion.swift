import CKernels

extension ElementType {
  /// Whether elements are numbers: everything but `opaque`.
  public var isNumber: Bool { kind != .opaque }

  /// Whether a `Float` holds every value of this type exactly: halves, bfloats, floats, integers of
  /// up to 16 bits.
  public var fitsFloat: Bool {
    switch kind {
    case .float16, .bfloat16, .float32, .int8, .uint8, .int16, .uint16, .bool: true
    case .float64, .int32, .int64, .uint32, .uint64, .opaque: false
    }
  }

  /// Whether stored bytes are those of this machine.
  public var isNativeOrder: Bool {
    #if _endian(little)
      !isBigEndian
    #else
      isBigEndian || size == 1
    #endif
  }

  /// Writes the elements in `bytes` as floats: exact where `fitsFloat`, else rounded to nearest.
  /// `bytes` holds whole elements of a number type, and `floats` has room for all of them.
  public func convert(
    _ bytes: UnsafeRawBufferPointer, to floats: UnsafeMutableBufferPointer<Float>
  ) {
    let count = bytes.count / size
    precondition(isNumber && count <= floats.count)
    guard count > 0, let from = bytes.baseAddress, let out = floats.baseAddress else { return }
    ck_to_f32(Int32(kind.rawValue), !isNativeOrder, from, count, out)
  }

  /// Writes the elements in `bytes` as doubles: exact but for 64-bit integers past 2^53, which are
  /// rounded to nearest. `bytes` holds whole elements of a number type, and `doubles` has room for
  /// all of them.
  public func convert(
    _ bytes: UnsafeRawBufferPointer, to doubles: UnsafeMutableBufferPointer<Double>
  ) {
    let count = bytes.count / size
    precondition(isNumber && count <= doubles.count)
    guard count > 0, let from = bytes.baseAddress, let out = doubles.baseAddress else { return }
    ck_to_f64(Int32(kind.rawValue), !isNativeOrder, from, count, out)
  }
}
