import CKernels
import Files
import Tensors

extension StaticCoding {
  func decode(
    _ pieces: [UnsafeRawBufferPointer], block: Int, of entry: Entry,
    into out: UnsafeMutableRawBufferPointer
  ) throws(Malformed) {
    guard let layout = entry.type.floatLayout else { throw Malformed("is no float tensor") }
    let plan = try Plan(entry.parameters, layout)
    let stored = pieces[0]
    let count = entry.geometry.elements(of: block).count
    let parts = try Parts(stored, plan, layout, count: count)
    var cut = plan.cut(entry.type, layout)
    var room = Room()
    let values = room.add(Int(ck_static_room))
    let table = room.add(MemoryLayout<ck_rans_decoding>.size)
    let mask = room.add(parts.hasMask ? (count + 7) / 8 : 0)
    let gaps = room.add(plan.form == .gaps ? parts.gaps : 0)
    let scratch = Scratch(count: room.size)
    defer { scratch.deallocate() }
    guard let start = scratch.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
      let from = stored.baseAddress?.assumingMemoryBound(to: UInt8.self)
    else { throw Malformed("has an empty block") }
    let coder = UnsafeMutableRawPointer(start + table.lowerBound)
      .bindMemory(to: ck_rans_decoding.self, capacity: 1)
    if parts.hasMask {
      try decodeMask(
        from + parts.mask.lowerBound, parts, plan, count, coder, mask: start + mask.lowerBound,
        gaps: start + gaps.lowerBound)
    }
    ck_rans_make_decoding(plan.symbols.frequencies, coder)
    // Without a mask all elements are there, or none.
    let isWhole = parts.nonzeros == count
    let isGood = ck_static_values(
      Kernels.level, &cut, coder, from + parts.symbols.lowerBound, parts.symbols.count,
      from + parts.raw.lowerBound, parts.raw.count, isWhole ? nil : start + mask.lowerBound, count,
      parts.nonzeros, start + values.lowerBound, out.baseAddress)
    guard isGood != 0 else { throw Malformed("has a stream of symbols that no encoder makes") }
  }

  private func decodeMask(
    _ stream: UnsafePointer<UInt8>, _ parts: Parts, _ plan: Plan, _ count: Int,
    _ coder: UnsafeMutablePointer<ck_rans_decoding>, mask: UnsafeMutablePointer<UInt8>,
    gaps: UnsafeMutablePointer<UInt8>
  ) throws(Malformed) {
    let bytes = (count + 7) / 8
    func decoded(_ out: UnsafeMutablePointer<UInt8>, _ number: Int) -> Bool {
      guard let frequencies = plan.mask else { return false }
      ck_rans_make_decoding(frequencies.frequencies, coder)
      var reader = ck_rans_reader()
      return ck_rans_begin(&reader, stream, parts.mask.count) != 0
        && ck_rans_decode(Kernels.level, &reader, coder, out, number) != 0
        && ck_rans_is_finished(&reader) != 0
    }
    let isGood: Bool
    switch plan.form {
    case .none: isGood = false
    case .bits:
      mask.update(from: stream, count: bytes)
      isGood = true
    case .bytes: isGood = decoded(mask, bytes)
    case .gaps:
      isGood =
        decoded(gaps, parts.gaps)
        && ck_gaps_to_mask(gaps, parts.gaps, mask, count) == parts.nonzeros
        // The last gap leads to a value: what is behind it needs no telling.
        && gaps[parts.gaps - 1] != 255
    }
    guard isGood else { throw Malformed("has a mask that no encoder makes") }
    // The values are as many as bits are set: counted before any is placed.
    guard ck_popcount(mask, bytes) == parts.nonzeros else {
      throw Malformed("has a mask of \(ck_popcount(mask, bytes)) bits for \(parts.nonzeros) values")
    }
    guard count & 7 == 0 || mask[bytes - 1] >> UInt8(count & 7) == 0 else {
      throw Malformed("has a mask bit behind its last element")
    }
  }

  /// Where in a stored block its streams lie.
  private struct Parts {
    let nonzeros: Int
    /// Bytes of gaps, where they are stored.
    let gaps: Int
    let hasMask: Bool
    let mask: Range<Int>
    let symbols: Range<Int>
    let raw: Range<Int>

    init(
      _ stored: UnsafeRawBufferPointer, _ plan: Plan, _ layout: FloatLayout, count: Int
    ) throws(Malformed) {
      // Three varints of at most 10 bytes.
      var reader = FieldReader(Array(stored.prefix(30)))
      nonzeros = plan.form == .none ? count : try reader.size()
      guard nonzeros <= count else {
        throw Malformed("has \(nonzeros) values in a block of \(count) elements")
      }
      hasMask = plan.form != .none && nonzeros > 0 && nonzeros < count
      gaps = hasMask && plan.form == .gaps ? try reader.size() : 0
      guard !hasMask || plan.form != .gaps || (gaps > 0 && gaps <= nonzeros + count / 255) else {
        throw Malformed("has \(gaps) gaps for \(nonzeros) values")
      }
      let maskBytes: Int
      switch plan.form {
      case _ where !hasMask: maskBytes = 0
      case .none: maskBytes = 0
      case .bits: maskBytes = (count + 7) / 8
      case .bytes, .gaps: maskBytes = try reader.size()
      }
      let bits = nonzeros * plan.rawBits(layout)
      let rawBytes = (bits + 7) / 8
      let start = reader.position
      guard maskBytes <= stored.count - start, rawBytes <= stored.count - start - maskBytes else {
        throw Malformed("has streams that are longer than its block")
      }
      mask = start..<start + maskBytes
      symbols = mask.upperBound..<stored.count - rawBytes
      raw = symbols.upperBound..<stored.count
      guard bits & 7 == 0 || stored[stored.count - 1] >> UInt8(bits & 7) == 0 else {
        throw Malformed("has bits set behind its last raw field")
      }
    }
  }
}
