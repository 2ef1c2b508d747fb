import CHDF5

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// h5py's own compression (filter 32000), which libhdf5 does not have: Marc Lehmann's LZF. A
/// control byte below 32 announces that many literal bytes plus one; any other is a copy of 3 to 264
/// bytes from at most 8,192 bytes back.
enum LZF {
  static let filter = 32000

  /// The `size` bytes that `bytes` stand for.
  static func decode(_ bytes: UnsafeRawBufferPointer, size: Int) throws(Trouble) -> [UInt8] {
    var isSound = true
    let decoded = [UInt8](unsafeUninitializedCapacity: size) { to, filled in
      isSound = decode(bytes, to, &filled)
    }
    guard isSound, decoded.count == size else {
      throw .damaged("a chunk does not unpack to its \(size) bytes (lzf filter)")
    }
    return decoded
  }

  private static func decode(
    _ from: UnsafeRawBufferPointer, _ to: UnsafeMutableBufferPointer<UInt8>, _ done: inout Int
  ) -> Bool {
    var at = 0
    while at < from.count {
      let control = Int(from[at])
      at += 1
      if control < 32 {
        let length = control + 1
        guard length <= from.count - at, length <= to.count - done else { return false }
        for index in 0..<length { to[done + index] = from[at + index] }
        at += length
        done += length
        continue
      }
      var length = control >> 5
      if length == 7 {
        guard at < from.count else { return false }
        length += Int(from[at])
        at += 1
      }
      length += 2
      guard at < from.count else { return false }
      let distance = (control & 31) << 8 + Int(from[at]) + 1
      at += 1
      guard distance <= done, length <= to.count - done else { return false }
      // Byte by byte: a copy may overlap what it makes.
      for _ in 0..<length {
        to[done] = to[done - distance]
        done += 1
      }
    }
    return true
  }

  /// `bytes` packed, or nil where that would take as many bytes or more.
  static func encode(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    guard bytes.count > 4 else { return nil }
    var packed: [UInt8] = []
    packed.reserveCapacity(bytes.count)
    // Where three bytes with this hash were seen last.
    var seen = [Int32](repeating: -1, count: 1 << 14)
    var literals = 0
    var at = 0
    func flush(_ packed: inout [UInt8], upTo end: Int) {
      var start = literals
      while start < end {
        let length = min(32, end - start)
        packed.append(UInt8(length - 1))
        packed.append(contentsOf: bytes[start..<start + length])
        start += length
      }
      literals = end
    }
    while at < bytes.count - 2 {
      guard packed.count < bytes.count else { return nil }
      let key = UInt32(bytes[at]) << 16 | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2])
      let slot = Int((key &* 2_654_435_761) >> 18)
      let candidate = Int(seen[slot])
      seen[slot] = Int32(truncatingIfNeeded: at)
      guard candidate >= 0, candidate < at, at - candidate <= 8192,
        bytes[candidate] == bytes[at], bytes[candidate + 1] == bytes[at + 1],
        bytes[candidate + 2] == bytes[at + 2]
      else {
        at += 1
        continue
      }
      flush(&packed, upTo: at)
      var length = 3
      let most = min(264, bytes.count - at)
      while length < most, bytes[candidate + length] == bytes[at + length] { length += 1 }
      let distance = at - candidate - 1
      if length < 9 {
        packed.append(UInt8((length - 2) << 5 | distance >> 8))
      } else {
        packed.append(UInt8(7 << 5 | distance >> 8))
        packed.append(UInt8(length - 9))
      }
      packed.append(UInt8(distance & 255))
      at += length
      literals = at
    }
    flush(&packed, upTo: bytes.count)
    return packed.count < bytes.count ? packed : nil
  }

  /// Makes the filter known to the library, for datasets that it has to read itself.
  static func register() {
    var filter = H5Z_class2_t()
    filter.version = H5Z_CLASS_T_VERS
    filter.id = H5Z_filter_t(LZF.filter)
    filter.encoder_present = 1
    filter.decoder_present = 1
    filter.filter = { flags, count, parameters, used, size, buffer in
      guard let buffer, let old = buffer.pointee, let size else { return 0 }
      let bytes = UnsafeRawBufferPointer(start: old, count: used)
      var new: [UInt8]?
      if flags & UInt32(H5Z_FLAG_REVERSE) == 0 {
        new = LZF.encode(bytes)
      } else if count >= 3, let parameters {
        // h5py leaves the size of a chunk as the third parameter.
        do throws(Trouble) { new = try LZF.decode(bytes, size: Int(parameters[2])) } catch {}
      }
      guard let new, let memory = malloc(max(1, new.count)) else { return 0 }
      new.withUnsafeBytes {
        memory.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(old), byteCount: new.count)
      }
      free(old)
      buffer.pointee = memory
      size.pointee = new.count
      return new.count
    }
    "lzf".withCString {
      filter.name = UnsafePointer(strdup($0))
      if H5Zregister(&filter) < 0 { chdf5_clear_errors() }
    }
  }
}
