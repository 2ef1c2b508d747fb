import CKernels
import Files

/// Encoding 7: for each block its bytes in planes (all first bytes of the elements, all second
/// ones, …), deflated. For integers, text and what is no number.
struct DeflateCoding: TensorCoding {
  let encoding = Encoding.deflate
  let name = "deflate"

  func storedBytes(of geometry: Geometry, nonzeros: Int) -> Int? { nil }

  func alignment(of geometry: Geometry) -> Int { 1 }

  func length(of block: BlockShape, run: Int) -> Int {
    Zlib.bound(block.geometry.bytes(of: block.block).count)
  }

  func encode(
    _ block: BlockShape, _ words: UnsafeRawBufferPointer, run: Int,
    into out: UnsafeMutableRawBufferPointer
  ) throws -> Int {
    let width = block.geometry.elementSize
    guard width > 1, let elements = words.baseAddress else {
      return try Zlib.deflate(words, level: DeflateCoding.level, into: out)
    }
    return try withScratch(words.count) { planes in
      ck_split_planes(
        width, elements.assumingMemoryBound(to: UInt8.self), block.count,
        planes.baseAddress?.assumingMemoryBound(to: UInt8.self))
      return try Zlib.deflate(
        UnsafeRawBufferPointer(planes), level: DeflateCoding.level, into: out)
    }
  }

  /// Past 6 the time doubles for a percent.
  static let level = 6

  func check(_ entry: Entry) throws(Malformed) {
    try checkNoParameters(entry)
    try checkBlocksFillSection(entry)
    try checkBlockFits(entry)
    for block in 0..<entry.blockCount {
      let decoded = entry.geometry.bytes(of: block).count
      guard decoded / Zlib.greatestRatio <= entry.storedBlock(block).count else {
        throw Malformed("inflates \(entry.storedBlock(block).count) bytes to \(decoded)")
      }
    }
  }

  func decode(
    _ pieces: [UnsafeRawBufferPointer], block: Int, of entry: Entry,
    into out: UnsafeMutableRawBufferPointer
  ) throws(Malformed) {
    let width = entry.element.size
    let scratch = width > 1 ? Scratch(count: out.count) : nil
    defer { scratch?.deallocate() }
    let planes = scratch?.bytes ?? out
    let taken = try Zlib.inflate(pieces[0], into: planes)
    guard taken == pieces[0].count else {
      throw Malformed("has \(pieces[0].count - taken) bytes behind a deflate stream")
    }
    if width > 1 {
      ck_join_planes(
        width, planes.baseAddress?.assumingMemoryBound(to: UInt8.self), out.count / width,
        out.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }
  }
}
