/// How chunks tile an array: which of them hold a run of elements, and where in each those are.
///
/// Trailing dimensions that a chunk covers whole are folded into one, so runs are as long as they
/// can be.
struct ChunkGeometry: Sendable {
  /// Elements along each dimension, of the array and of a chunk. At least one dimension.
  let dimensions: [Int]
  let chunk: [Int]
  /// Chunks along each dimension.
  let grid: [Int]
  /// Elements between neighbours along each dimension, in the array and in a chunk.
  private let strides: [Int]
  private let chunkStrides: [Int]

  /// Both shapes have one rank, at least 1, and no zero; their products fit.
  init(dimensions whole: [Int], chunk piece: [Int]) {
    precondition(whole.count == piece.count && !whole.isEmpty)
    var dimensions = whole
    var chunk = piece
    while let last = dimensions.last, dimensions.count > 1, chunk[chunk.count - 1] == last {
      dimensions.removeLast()
      chunk.removeLast()
      dimensions[dimensions.count - 1] *= last
      chunk[chunk.count - 1] *= last
    }
    self.dimensions = dimensions
    self.chunk = chunk
    grid = zip(dimensions, chunk).map { ($0 + $1 - 1) / $1 }
    strides = Self.strides(dimensions)
    chunkStrides = Self.strides(chunk)
  }

  /// Elements in a whole chunk.
  var chunkCount: Int { chunk.reduce(1, *) }
  /// Chunks in the array.
  var count: Int { grid.reduce(1, *) }

  /// The chunks that hold elements `range` of the array (and perhaps, where they are cut across it,
  /// a few that do not), as indices in the grid in row-major order.
  func chunks(touching range: Range<Int>) -> [Int] {
    guard !range.isEmpty else { return [] }
    let first = coordinates(of: range.lowerBound, strides)
    let last = coordinates(of: range.upperBound - 1, strides)
    var indices = [0]
    var isOneRow = true
    for axis in dimensions.indices {
      let cells =
        isOneRow ? first[axis] / chunk[axis]...last[axis] / chunk[axis] : 0...grid[axis] - 1
      indices = indices.flatMap { index in cells.map { index * grid[axis] + $0 } }
      isOneRow = isOneRow && first[axis] == last[axis]
    }
    return indices
  }

  /// Where chunk `index` begins in the array, and how much of it lies inside.
  func box(of index: Int) -> (origin: [Int], extent: [Int]) {
    var origin = [Int](repeating: 0, count: grid.count)
    var rest = index
    for axis in grid.indices.reversed() {
      origin[axis] = rest % grid[axis] * chunk[axis]
      rest /= grid[axis]
    }
    let extent = grid.indices.map { min(chunk[$0], dimensions[$0] - origin[$0]) }
    return (origin, extent)
  }

  /// Calls `body` for each run of neighbouring elements that chunk `index` shares with `range`:
  /// where it begins in the array, where in the chunk, how many elements it has.
  func forEachRun(
    of index: Int, in range: Range<Int>, _ body: (_ array: Int, _ chunk: Int, _ count: Int) -> Void
  ) {
    let (origin, extent) = box(of: index)
    let last = grid.count - 1
    var position = [Int](repeating: 0, count: grid.count)
    while true {
      var inArray = 0
      var inChunk = 0
      for axis in grid.indices {
        inArray += (origin[axis] + position[axis]) * strides[axis]
        inChunk += position[axis] * chunkStrides[axis]
      }
      let low = max(inArray, range.lowerBound)
      let high = min(inArray + extent[last], range.upperBound)
      if low < high { body(low, inChunk + low - inArray, high - low) }
      // The next row, like an odometer.
      var axis = last - 1
      while axis >= 0 {
        position[axis] += 1
        if position[axis] < extent[axis] { break }
        position[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  private func coordinates(of element: Int, _ strides: [Int]) -> [Int] {
    var rest = element
    return strides.map { stride in
      defer { rest %= stride }
      return rest / stride
    }
  }

  private static func strides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    return strides
  }
}
