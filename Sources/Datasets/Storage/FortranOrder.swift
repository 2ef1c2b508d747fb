import Files

/// Arrays stored with the first axis moving fastest, as `numpy.asfortranarray` and MATLAB have them.
enum FortranOrder {
  /// The bytes of such an array of `shape` in row-major order, made when they are first asked for.
  static func rowMajor(
    _ stored: any ByteSource, shape: [Int], elementSize: Int, file: String
  ) -> any ByteSource {
    // Nothing moves in vectors, and in arrays of which all axes but one are 1.
    guard shape.filter({ $0 != 1 }).count > 1, stored.count > 0 else { return stored }
    return LazyBytes(count: stored.count) {
      try transposed(stored, shape: shape, elementSize: elementSize, file: file)
    }
  }

  /// Written a block of rows at a time; of each column only the run of those rows is read.
  private static func transposed(
    _ stored: any ByteSource, shape: [Int], elementSize: Int, file: String
  ) throws -> any ByteSource {
    let rows = shape[0]
    let item = Array(shape.dropFirst())
    let itemCount = item.reduce(1, *)
    let places = Self.places(of: item)
    let block = max(1, min(rows, (8 << 20) / (itemCount * elementSize)))
    let room = UnsafeMutableRawBufferPointer.allocate(
      byteCount: block * itemCount * elementSize, alignment: 64)
    defer { room.deallocate() }
    let spool = Spool(for: file)
    for first in stride(from: 0, to: rows, by: block) {
      let count = min(block, rows - first)
      for column in 0..<itemCount {
        let start = (column * rows + first) * elementSize
        try stored.withBytes(start..<start + count * elementSize) { run in
          guard let from = run.baseAddress, let to = room.baseAddress else { return }
          for row in 0..<count {
            (to + (row * itemCount + places[column]) * elementSize)
              .copyMemory(from: from + row * elementSize, byteCount: elementSize)
          }
        }
      }
      try spool.write(
        UnsafeRawBufferPointer(rebasing: room[..<(count * itemCount * elementSize)]))
    }
    return try spool.finish()
  }

  /// For every element of an item as stored, its place in row-major order.
  private static func places(of item: [Int]) -> [Int] {
    var places = [0]
    var stride = item.reduce(1, *)
    // The first axis moves fastest: each further axis repeats all that is there so far.
    for length in item {
      stride /= max(1, length)
      places = (0..<length).flatMap { step in places.map { $0 + step * stride } }
    }
    return places
  }
}
