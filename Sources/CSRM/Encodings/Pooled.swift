/// Encoding 8: the elements lie in the pool of their type, together with those of other small
/// tensors. Nothing is stored here: which elements of the pool they are follows from the sizes of
/// the tensors before this one.
struct PooledCoding: TensorCoding {
  /// Elements of a tensor in a pool: more are no burden alone.
  static let mostElements = 1 << 16

  let encoding = Encoding.pooled
  let name = "pool"
  let runs = 0
  let blocks = BlockUse.none

  func storedBytes(of geometry: Geometry, nonzeros: Int) -> Int? { nil }

  func alignment(of geometry: Geometry) -> Int { 1 }

  func length(of block: BlockShape, run: Int) -> Int { 0 }

  func encode(
    _ block: BlockShape, _ words: UnsafeRawBufferPointer, run: Int,
    into out: UnsafeMutableRawBufferPointer
  ) -> Int { 0 }

  func check(_ entry: Entry) throws(Malformed) {
    try checkNoParameters(entry)
    guard entry.kind == .tensor else { throw Malformed("is in a pool, but is no tensor") }
    guard entry.count <= PooledCoding.mostElements else {
      throw Malformed("is in a pool, but has \(entry.count) elements")
    }
    guard entry.storedBytes == 0, entry.geometry.blockElements == entry.count else {
      throw Malformed("is in a pool, but has \(entry.storedBytes) bytes of its own")
    }
  }

  func pieces(of block: Int, in entry: Entry) -> [Range<Int>] { [] }

  func decode(
    _ pieces: [UnsafeRawBufferPointer], block: Int, of entry: Entry,
    into out: UnsafeMutableRawBufferPointer
  ) throws(Malformed) {
    throw Malformed("has no blocks")
  }
}
