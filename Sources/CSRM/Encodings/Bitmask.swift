import CKernels

/// Encoding 2: for each block a bit an element, set where it is not zero, then the non-zero
/// elements.
struct BitmaskCoding: TensorCoding {
  let encoding = Encoding.bitmask
  let name = "bitmask"

  private func maskBytes(_ elements: Int) -> Int { (elements + 7) / 8 }

  func storedBytes(of geometry: Geometry, nonzeros: Int) -> Int? {
    guard geometry.hasWords, geometry.count > 0, geometry.fitsBlocks else { return nil }
    let whole = geometry.count / geometry.blockElements
    let rest = geometry.count % geometry.blockElements
    return whole * maskBytes(geometry.blockElements) + maskBytes(rest)
      + nonzeros * geometry.elementSize
  }

  func maskBytes(of geometry: Geometry, nonzeros: Int) -> Int? {
    storedBytes(of: geometry, nonzeros: 0)
  }

  func alignment(of geometry: Geometry) -> Int { 1 }

  func length(of block: BlockShape, run: Int) -> Int {
    maskBytes(block.count) + block.nonzeros * block.geometry.elementSize
  }

  func encode(
    _ block: BlockShape, _ words: UnsafeRawBufferPointer, run: Int,
    into out: UnsafeMutableRawBufferPointer
  ) throws -> Int {
    guard let start = out.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
    let mask = maskBytes(block.count)
    let packed = ck_pack_nonzero(
      Kernels.level, Int32(block.geometry.elementSize), words.baseAddress, block.count, start,
      start + mask)
    return mask + packed * block.geometry.elementSize
  }

  /// Non-zeros of a block, from its length; nil where the length cannot be.
  private func nonzeros(of block: Int, in entry: Entry) -> Int? {
    let elements = entry.geometry.elements(of: block).count
    let values = entry.storedBlock(block).count - maskBytes(elements)
    guard values >= 0, values % entry.element.size == 0, values / entry.element.size <= elements
    else { return nil }
    return values / entry.element.size
  }

  func check(_ entry: Entry) throws(Malformed) {
    try checkNoParameters(entry)
    try checkBlocksFillSection(entry)
    try checkBlockFits(entry)
    guard entry.geometry.hasWords else {
      throw Malformed("has a bit mask over elements of \(entry.element.size) bytes")
    }
    var total = 0
    for block in 0..<entry.blockCount {
      guard let nonzeros = nonzeros(of: block, in: entry) else {
        throw Malformed("has a bit mask block of \(entry.storedBlock(block).count) bytes")
      }
      total += nonzeros
    }
    guard total == entry.nonzeros else {
      throw Malformed("has \(total) values in its blocks, and \(entry.nonzeros) non-zeros")
    }
  }

  func decode(
    _ pieces: [UnsafeRawBufferPointer], block: Int, of entry: Entry,
    into out: UnsafeMutableRawBufferPointer
  ) throws(Malformed) {
    let elements = entry.geometry.elements(of: block).count
    let mask = maskBytes(elements)
    guard let stored = pieces[0].baseAddress?.assumingMemoryBound(to: UInt8.self),
      let nonzeros = nonzeros(of: block, in: entry)
    else { throw Malformed("has an empty block") }
    // The values lie behind the mask for as many bits as are set: count them before any is placed.
    guard ck_popcount(stored, mask) == nonzeros else {
      throw Malformed("has a mask of \(ck_popcount(stored, mask)) bits for \(nonzeros) values")
    }
    guard elements & 7 == 0 || stored[mask - 1] >> UInt8(elements & 7) == 0 else {
      throw Malformed("has a mask bit behind its last element")
    }
    ck_unpack_nonzero(
      Kernels.level, Int32(entry.element.size), stored, elements, stored + mask, out.baseAddress)
  }
}
