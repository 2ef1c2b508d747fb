/// HDF5's shuffle filter: first bytes of all elements, then all second bytes, and so on; what is
/// left over at the end stays. Numbers of one magnitude deflate better this way.
enum Shuffle {
  static func encode(_ bytes: UnsafeRawBufferPointer, elementSize: Int) -> [UInt8] {
    move(bytes, elementSize) { to, from, count, size in
      for plane in 0..<size {
        let target = to + plane * count
        var source = from + plane
        for index in 0..<count {
          target[index] = source.pointee
          source += size
        }
      }
    }
  }

  static func decode(_ bytes: UnsafeRawBufferPointer, elementSize: Int) -> [UInt8] {
    move(bytes, elementSize) { to, from, count, size in
      if size == 4 { return decode4(to, from, count) }
      for plane in 0..<size {
        let source = from + plane * count
        var target = to + plane
        for index in 0..<count {
          target.pointee = source[index]
          target += size
        }
      }
    }
  }

  /// The width of nearly all weights, with one store an element.
  private static func decode4(
    _ to: UnsafeMutablePointer<UInt8>, _ from: UnsafePointer<UInt8>, _ count: Int
  ) {
    let (p0, p1, p2, p3) = (from, from + count, from + 2 * count, from + 3 * count)
    let raw = UnsafeMutableRawPointer(to)
    for index in 0..<count {
      let low = UInt32(p0[index]) | UInt32(p1[index]) << 8
      let high = UInt32(p2[index]) | UInt32(p3[index]) << 8
      raw.storeBytes(of: (low | high << 16).littleEndian, toByteOffset: index * 4, as: UInt32.self)
    }
  }

  private static func move(
    _ bytes: UnsafeRawBufferPointer, _ elementSize: Int,
    _ body: (UnsafeMutablePointer<UInt8>, UnsafePointer<UInt8>, Int, Int) -> Void
  ) -> [UInt8] {
    guard elementSize > 1, bytes.count > elementSize else { return [UInt8](bytes) }
    return [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, filled in
      bytes.withMemoryRebound(to: UInt8.self) { source in
        guard let to = buffer.baseAddress, let from = source.baseAddress else { return }
        let count = bytes.count / elementSize
        body(to, from, count, elementSize)
        for index in count * elementSize..<bytes.count { to[index] = from[index] }
        filled = bytes.count
      }
    }
  }
}
