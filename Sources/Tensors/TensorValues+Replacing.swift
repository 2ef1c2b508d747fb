import Files

extension TensorValues {
  /// The tensor's bytes with the elements that differ from `floats` written anew, rounded to nearest
  /// in the tensor's type; all others stay bit for bit.
  ///
  /// A number that is not finite is not written. One that is past the type's largest becomes that,
  /// and one that would round to zero is left as it was, so that no weight is pruned by rounding.
  /// The type is a floating-point type, and `floats` has `count` elements. Throws what the source
  /// throws.
  public func replacing(with floats: [Float]) throws -> [UInt8] {
    precondition(floats.count == count && type.isFloat)
    var bytes = try source.withBytes(0..<count * type.size) { Array($0) }
    let swaps = !type.isNativeOrder
    func put<Word: FixedWidthInteger>(_ word: Word, at element: Int) {
      let stored = swaps ? word.byteSwapped : word
      bytes.withUnsafeMutableBytes {
        $0.storeBytes(of: stored, toByteOffset: element * type.size, as: Word.self)
      }
    }
    let block = 1 << 16
    for start in stride(from: 0, to: count, by: block) {
      let range = start..<min(count, start + block)
      let old = try doubles(range)
      for i in range {
        let new = floats[i]
        guard new.isFinite, Float(old[i - start]) != new else { continue }
        switch type.kind {
        case .float16:
          let most = Float(Float16.greatestFiniteMagnitude)
          let half = Float16(min(max(new, -most), most))
          if half != 0 || new == 0 { put(half.bitPattern, at: i) }
        case .bfloat16:
          let word = Bfloat16.finiteBits(new)
          if word & 0x7fff != 0 || new == 0 { put(word, at: i) }
        case .float32: put(new.bitPattern, at: i)
        default: put(Double(new).bitPattern, at: i)
        }
      }
    }
    return bytes
  }
}
