import Files

/// The global heap: collections of objects, in which variable-length data lies (HDF5 file format
/// specification 3.0, section III.E).
///
/// Read from the file's bytes rather than through the library, which allocates whatever a reference
/// asks for before anybody can look at it.
struct GlobalHeap {
  /// The whole file.
  let image: any ByteSource
  /// Where the file's address 0 is in `image` (the size of the user block).
  let base: Int
  /// By address of the collection: by index, the range in `image` of each object.
  private var collections: [UInt64: [UInt16: Range<Int>]] = [:]

  init(image: any ByteSource, base: Int) {
    self.image = image
    self.base = base
  }

  /// Where object `index` of the collection at `address` lies in `image`.
  mutating func range(
    ofObject index: UInt32, at address: UInt64, _ budget: inout Budget
  ) throws(Trouble) -> Range<Int> {
    if collections[address] == nil {
      let objects = try parse(at: address)
      try budget.charge(objects.count * 32)
      collections[address] = objects
    }
    guard let small = UInt16(exactly: index), let range = collections[address]?[small] else {
      throw .damaged("a value points to object \(index) of a global heap that has no such object")
    }
    return range
  }

  private func parse(at address: UInt64) throws(Trouble) -> [UInt16: Range<Int>] {
    let headerSize = 16
    guard let place = Int(exactly: address), place <= image.count - base - headerSize else {
      throw .damaged("a value points past the end of the file")
    }
    let start = base + place
    var objects: [UInt16: Range<Int>] = [:]
    var trouble: Trouble?
    do {
      try image.withBytes(start..<image.count) { bytes in
        guard bytes.prefix(4).elementsEqual("GCOL".utf8), bytes[4] == 1 else {
          trouble = .damaged("bad global heap collection signature")
          return
        }
        let size = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self).littleEndian
        guard let end = Int(exactly: size), end >= headerSize, end <= bytes.count else {
          trouble = .damaged("a global heap collection that is longer than the file")
          return
        }
        var at = headerSize
        while at + 16 <= end {
          let index = bytes.loadUnaligned(fromByteOffset: at, as: UInt16.self).littleEndian
          let stored = bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self).littleEndian
          // Object 0 is the free space behind the last one.
          if index == 0 { break }
          guard let length = Int(exactly: stored), length <= end - at - 16 else {
            trouble = .damaged("a global heap object that is longer than its collection")
            return
          }
          objects[index] = start + at + 16..<start + at + 16 + length
          at += 16 + (length + 7) & ~7
        }
      }
    } catch { throw .damaged("\(error)") }
    if let trouble { throw trouble }
    return objects
  }
}
