import Testing

@testable import Files

struct PieceSizeTests {
  private final class Blocks: ByteSource {
    let count = 1000
    let pieceSize: Int?
    init(_ pieceSize: Int?) { self.pieceSize = pieceSize }
    func withBytes<Result>(
      _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result { try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
  }

  @Test func piecesAreWholeBlocks() {
    #expect(MemoryBytes([]).pieceSize(about: 64) == 64)
    #expect(MemoryBytes([]).pieceSize(about: 0) == 1)
    #expect(Blocks(30).pieceSize(about: 64) == 60)
    #expect(Blocks(30).pieceSize(about: 30) == 30)
    #expect(Blocks(30).pieceSize(about: 29) == 30)
    #expect(Blocks(0).pieceSize(about: 7) == 7)
  }
}
