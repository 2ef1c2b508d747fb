import Testing

@testable import HDF5

struct ChunkGeometryTests {
  /// Every shape up to 4×4×4 in every shape of chunks.
  static let shapes: [(whole: [Int], chunk: [Int])] = {
    var shapes: [([Int], [Int])] = [([7], [3]), ([7], [7]), ([5], [9])]
    for a in 1...4 {
      for b in 1...4 {
        for x in 1...4 { for y in 1...4 { shapes.append(([a, b], [x, y])) } }
        shapes.append(([a, b, 3], [2, b, 3]))
        shapes.append(([3, a, b], [2, 2, 3]))
      }
    }
    return shapes
  }()

  @Test func runsCoverEveryElementOnce() {
    var wrong: [String] = []
    for (whole, chunk) in Self.shapes {
      let geometry = ChunkGeometry(dimensions: whole, chunk: chunk)
      let count = whole.reduce(1, *)
      for low in 0...count {
        for high in low...count {
          var seen = [Int](repeating: 0, count: count)
          for index in geometry.chunks(touching: low..<high) {
            geometry.forEachRun(of: index, in: low..<high) { array, inChunk, length in
              if inChunk < 0 || inChunk + length > geometry.chunkCount { seen[array] = -9 }
              for element in array..<array + length { seen[element] += 1 }
            }
          }
          let wanted = (0..<count).map { low..<high ~= $0 ? 1 : 0 }
          if seen != wanted { wrong.append("\(whole) \(chunk) \(low)..<\(high)") }
        }
      }
    }
    #expect(wrong == [])
  }

  @Test func aChunkHoldsItsPartOfTheArray() {
    let geometry = ChunkGeometry(dimensions: [4, 5], chunk: [3, 2])
    // Chunk 5 is the last one: row 3, column 4.
    var found: [(Int, Int, Int)] = []
    geometry.forEachRun(of: 5, in: 0..<20) { found.append(($0, $1, $2)) }
    #expect(found.count == 1)
    #expect(found.first.map { $0 == (19, 0, 1) } == true)
    var second: [(Int, Int, Int)] = []
    geometry.forEachRun(of: 1, in: 0..<20) { second.append(($0, $1, $2)) }
    #expect(second.map(\.0) == [2, 7, 12] && second.map(\.1) == [0, 2, 4])
  }

  @Test func wholeRowsAreOneRun() {
    let geometry = ChunkGeometry(dimensions: [6, 3, 4], chunk: [2, 3, 4])
    #expect(geometry.dimensions == [72] && geometry.chunk == [24])
    #expect(geometry.chunks(touching: 23..<25) == [0, 1])
  }
}
