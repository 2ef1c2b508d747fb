/// Encoding 0: the elements as they are, so that they can be used where they lie.
struct RawCoding: TensorCoding {
  let encoding = Encoding.raw
  let name = "raw"

  func storedBytes(of geometry: Geometry, nonzeros: Int) -> Int? { geometry.byteCount }

  /// Aligned for use in place: to a cache line where the padding is nothing beside the tensor, else
  /// to an element.
  func alignment(of geometry: Geometry) -> Int {
    geometry.byteCount >= 1 << 14 ? 64 : geometry.hasWords ? geometry.elementSize : 1
  }

  func maskBytes(of geometry: Geometry, nonzeros: Int) -> Int? { 0 }

  func length(of block: BlockShape, run: Int) -> Int { block.geometry.bytes(of: block.block).count }

  func encode(
    _ block: BlockShape, _ words: UnsafeRawBufferPointer, run: Int,
    into out: UnsafeMutableRawBufferPointer
  ) -> Int {
    out.copyMemory(from: words)
    return words.count
  }

  func check(_ entry: Entry) throws(Malformed) {
    try checkNoParameters(entry)
    try checkBlocksFillSection(entry)
    for block in 0..<entry.blockCount {
      guard entry.storedBlock(block).count == entry.geometry.bytes(of: block).count else {
        throw Malformed("has a raw block of \(entry.storedBlock(block).count) bytes")
      }
    }
  }

  func decode(
    _ pieces: [UnsafeRawBufferPointer], block: Int, of entry: Entry,
    into out: UnsafeMutableRawBufferPointer
  ) throws(Malformed) {
    out.copyMemory(from: pieces[0])
  }
}
