extension ElementType {
  /// Writes `floats` as elements of this floating-point type, rounded to nearest with ties to even;
  /// what is past the type's largest becomes that. `bytes` has room for all of them.
  public func store(
    _ floats: UnsafeBufferPointer<Float>, into bytes: UnsafeMutableRawBufferPointer
  ) {
    precondition(isFloat && bytes.count >= floats.count * size)
    switch kind {
    case .float16: store(floats, bytes) { $0.half.bitPattern }
    case .bfloat16: store(floats, bytes) { Bfloat16.finiteBits($0) }
    case .float32: store(floats, bytes) { $0.bitPattern }
    default: store(floats, bytes) { Double($0).bitPattern }
    }
  }

  private func store<Word: FixedWidthInteger>(
    _ floats: UnsafeBufferPointer<Float>, _ bytes: UnsafeMutableRawBufferPointer,
    _ word: (Float) -> Word
  ) {
    let swaps = !isNativeOrder
    for i in floats.indices {
      let stored = word(floats[i])
      bytes.storeBytes(
        of: swaps ? stored.byteSwapped : stored, toByteOffset: i * MemoryLayout<Word>.size,
        as: Word.self)
    }
  }

  /// `float` as this floating-point type has it: what `store` makes of it.
  public func nearest(_ float: Float) -> Float {
    switch kind {
    case .float16: Float(float.half)
    case .bfloat16: Bfloat16.float(Bfloat16.finiteBits(float))
    default: float
    }
  }
}

extension Float {
  /// The nearest finite half.
  fileprivate var half: Float16 {
    let most = Float(Float16.greatestFiniteMagnitude)
    return Float16(Swift.min(Swift.max(self, -most), most))
  }
}
