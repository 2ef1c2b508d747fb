/// Encoding 6: one element, which all are equal to bit for bit.
struct ConstantCoding: TensorCoding {
  let encoding = Encoding.constant
  let name = "constant"
  let blocks = BlockUse.single

  func storedBytes(of geometry: Geometry, nonzeros: Int) -> Int? { nil }

  func alignment(of geometry: Geometry) -> Int { 1 }

  func maskBytes(of geometry: Geometry, nonzeros: Int) -> Int? { 0 }

  func length(of block: BlockShape, run: Int) -> Int { block.geometry.elementSize }

  func encode(
    _ block: BlockShape, _ words: UnsafeRawBufferPointer, run: Int,
    into out: UnsafeMutableRawBufferPointer
  ) -> Int {
    let size = block.geometry.elementSize
    out.copyMemory(from: UnsafeRawBufferPointer(rebasing: words[..<size]))
    return size
  }

  func check(_ entry: Entry) throws(Malformed) {
    try checkNoParameters(entry)
    try checkBlocksFillSection(entry)
    guard entry.blockCount == 1, entry.storedBytes == entry.element.size else {
      throw Malformed(
        "is constant, but has \(entry.blockCount) blocks and \(entry.storedBytes) bytes")
    }
    guard entry.nonzeros == 0 || entry.nonzeros == entry.count else {
      throw Malformed("is constant, but has \(entry.nonzeros) non-zeros of \(entry.count)")
    }
  }

  /// `out` may be any number of elements: the reader asks for as many as it wants.
  func decode(
    _ pieces: [UnsafeRawBufferPointer], block: Int, of entry: Entry,
    into out: UnsafeMutableRawBufferPointer
  ) throws(Malformed) {
    let element = pieces[0]
    guard element.contains(where: { $0 != 0 }) == (entry.nonzeros > 0) else {
      throw Malformed("has a constant that is zero where it must not be, or the other way round")
    }
    guard out.count > 0 else { return }
    // Doubles what is there already, so that the copies are long ones.
    out.copyMemory(from: element)
    var done = element.count
    while done < out.count {
      let more = min(done, out.count - done)
      UnsafeMutableRawBufferPointer(rebasing: out[done..<done + more])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: out[..<more]))
      done += more
    }
  }
}
