import Documents
import Files
import Tensors
import Testing

@testable import CSRM

struct ReadingMemoryTests {
  /// A tensor of 4,096 floats, every eighth one set, in blocks of so many rows of 1,024 bytes.
  private func open(blockRows: Int, memory: Int?) throws -> PackedFile {
    var options = PackOptions()
    options.blockRows = blockRows
    let bytes = (0..<16_384).map { UInt8($0 % 32 == 3 ? 0x40 : 0) }
    let packed = try Models.packed(
      Models.container(ElementType(.float32), [16, 256], bytes), options)
    return try PackedFile(MemoryBytes(packed), name: "f", limits: Limits(memory: memory))
  }

  @Test func withoutALimitAllThreadsRead() throws {
    #expect(try open(blockRows: 4, memory: nil).mostReaders == nil)
  }

  /// Half of the memory is for the pieces of 4 MiB that each reader takes.
  @Test(arguments: [(32 << 20, 4), (16 << 20, 2), (15 << 20, 1), (1 << 20, 1)])
  func readersShareHalfOfTheMemory(memory: Int, readers: Int) throws {
    #expect(try open(blockRows: 4, memory: memory).mostReaders == readers)
  }

  @Test func aBlockOfMoreThanHalfIsRefused() throws {
    #expect(try open(blockRows: 4, memory: 8192).mostReaders == 1)
    #expect(
      throws: CSRMError.memoryTooSmall(file: "f", tensor: "x", bytes: 4096, limit: 8191)
    ) { try open(blockRows: 4, memory: 8191) }
    #expect(CSRMError.memoryTooSmall(file: "f", tensor: "x", bytes: 1, limit: 1).fault == .usage)
  }

  /// Parts of all blocks are asked for, one after another: no more of them stay than a quarter.
  @Test func blocksThatAreKeptStayWithinTheirShare() throws {
    let file = try open(blockRows: 1, memory: 16_384)
    let source = try file.tensorBytes("x").source
    for start in stride(from: 0, to: source.count, by: 512) {
      try source.withBytes(start..<start + 512) { #expect($0[3] == 0x40) }
    }
    let held = (0..<16).filter { file.packed.cache.find($0, section: section(of: file)) != nil }
    // A buffer has 64 bytes more than its block, so of four only three fit.
    #expect(held == [13, 14, 15])
  }

  private func section(of file: PackedFile) -> Int {
    file.entries.first { $0.name == "x" }?.section.lowerBound ?? -1
  }
}
