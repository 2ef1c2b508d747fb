import Files
import Tensors
import Testing

@testable import CSRM

/// Rows and counts that pass the small integer types.
struct WideTests {
  @Test func columnsOfEveryWidthComeBack() throws {
    var random = Sequence64(21)
    for columns in [255, 256, 257, 65_535, 65_536, 65_537] {
      let bytes = random.elements(2 * columns, size: 2, oneIn: 150)
      var options = PackOptions()
      options.layout = .csr
      options.blockRows = 1
      let packed = try Models.packed(Models.container(.float16, [2, columns], bytes), options)
      let file = try Models.open(packed)
      #expect(file.entries.last?.encoding == .csr)
      #expect(try Models.values(file.container()) == bytes)
      #expect(file.verify().isWhole)
    }
  }

  /// A row that is too long for a block is cut, and has no compressed rows.
  @Test func longRowsAreCut() throws {
    let columns = (1 << 22) + 6
    var bytes = [UInt8](repeating: 0, count: 2 * columns)
    for index in stride(from: 3, to: bytes.count, by: 1 << 16) {
      bytes[index] = UInt8(index % 255) + 1
    }
    let file = try Models.open(
      Models.packed(Models.container(ElementType(.float16), [2, columns / 2], bytes)))
    #expect(file.entries.last?.encoding == .csr)
    let cut = try Models.open(
      Models.packed(Models.container(ElementType(.int8), [2, columns], bytes)))
    let entry = try #require(cut.entries.last)
    #expect(entry.encoding != .csr)
    #expect(entry.blockCount == 9)
    #expect(try Models.values(cut.container()) == bytes)
    #expect(try cut.tensorBytes("x", rows: 1..<2).source.bytes() == Array(bytes[columns...]))
  }

  /// From 2^32 values on, row pointers take eight bytes: the last block of a tensor that has so many
  /// before it.
  @Test func pointersOfEightBytes() throws {
    let coding = CompressedRows()
    let before = (1 << 32) - 3
    let words: [UInt8] = [0, 7, 0, 8, 9, 0, 0, 0, 5, 0, 6, 0]
    let geometry = Geometry(elementSize: 1, shape: [6, 4], count: 24, blockElements: 12)
    let shape = BlockShape(
      geometry: geometry, block: 1, nonzeros: 5, nonzerosBefore: before, nonzerosInAll: before + 5)
    var pieces: [[UInt8]] = []
    for run in 0..<3 {
      var piece = [UInt8](repeating: 0, count: coding.length(of: shape, run: run) + 64)
      let length = try words.withUnsafeBytes { words in
        try piece.withUnsafeMutableBytes { try coding.encode(shape, words, run: run, into: $0) }
      }
      #expect(length == coding.length(of: shape, run: run))
      pieces.append(Array(piece[..<length]))
    }
    // 2^32 - 3, - 1, + 0 and the end, + 2.
    let pointers = [before, before + 2, before + 3, before + 5]
    #expect(
      pieces[0]
        == pointers.flatMap { p in (0..<8).map { UInt8(truncatingIfNeeded: p >> (8 * $0)) } })
    #expect(pieces[1] == [1, 3, 0, 0, 2])
    #expect(pieces[2] == [7, 8, 9, 5, 6])

    let first = 3 * 8 + before * 2
    let entry = Entry(
      kindCode: Entry.Kind.tensor.rawValue, name: "x", element: ElementCode(ElementType(.int8)),
      shape: [6, 4], encoding: .csr, precision: 0, parameters: [], nonzeros: before + 5,
      section: 0..<1, alignment: 64, geometry: geometry, blockEnds: [first, first + 4 * 8 + 5 * 2],
      blockChecksums: [], checksum: 0)
    #expect(coding.pieces(of: 1, in: entry).map(\.count) == [32, 5, 5])
    var decoded = [UInt8](repeating: 0xAA, count: 12)
    try pieces[0].withUnsafeBytes { a in
      try pieces[1].withUnsafeBytes { b in
        try pieces[2].withUnsafeBytes { c in
          try decoded.withUnsafeMutableBytes {
            try coding.decode([a, b, c], block: 1, of: entry, into: $0)
          }
        }
      }
    }
    #expect(decoded == words)
  }
}
