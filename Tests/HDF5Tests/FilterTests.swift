import Documents
import Testing

@testable import HDF5

struct FilterTests {
  /// Zeros, repeats, and numbers that look like chance.
  private func samples(_ count: Int) -> [[UInt8]] {
    [
      [UInt8](repeating: 0, count: count),
      (0..<count).map { UInt8($0 % 3) },
      (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 11) },
      (0..<count).map { $0 % 50 < 40 ? 7 : UInt8(truncatingIfNeeded: $0) },
    ]
  }

  @Test(arguments: Array(0...70) + [263, 264, 265, 500, 8191, 8192, 8193, 20_000])
  func lzfComesBack(count: Int) throws {
    for bytes in samples(count) {
      guard let packed = bytes.withUnsafeBytes(LZF.encode) else { continue }
      #expect(packed.count < bytes.count)
      let back = try packed.withUnsafeBytes { try LZF.decode($0, size: count) }
      #expect(back == bytes)
    }
  }

  @Test func lzfPacksWhatRepeats() throws {
    let packed = try #require([UInt8](repeating: 5, count: 1000).withUnsafeBytes(LZF.encode))
    #expect(packed.count < 30)
  }

  @Test(
    arguments: [
      [0], [31], [0x20], [0x20, 0], [0xe0], [0xe0, 0xff], [0, 1, 0x20, 5], [0, 1, 0xff, 0xff, 0],
      [3, 1, 2, 3, 4, 5], [3, 1, 2, 3, 4, 0x60, 0],
    ] as [[UInt8]])
  func lzfRefusesWhatDoesNotAddUp(bytes: [UInt8]) {
    #expect(throws: Trouble.self) { try bytes.withUnsafeBytes { try LZF.decode($0, size: 4) } }
  }

  @Test func lzfCopiesOverWhatItMakes() throws {
    // One literal, then five bytes from one byte back.
    let bytes: [UInt8] = [0, 9, 3 << 5, 0]
    #expect(try bytes.withUnsafeBytes { try LZF.decode($0, size: 6) } == [9, 9, 9, 9, 9, 9])
  }

  @Test(arguments: 0...40, [1, 2, 3, 4, 8])
  func shuffleComesBack(count: Int, width: Int) {
    let bytes = (0..<count).map { UInt8($0) }
    let shuffled = bytes.withUnsafeBytes { Shuffle.encode($0, elementSize: width) }
    #expect(shuffled.sorted() == bytes)
    #expect(shuffled.withUnsafeBytes { Shuffle.decode($0, elementSize: width) } == bytes)
  }

  @Test func shufflePutsFirstBytesFirst() {
    let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7]
    #expect(bytes.withUnsafeBytes { Shuffle.encode($0, elementSize: 2) } == [1, 3, 5, 2, 4, 6, 7])
  }

  @Test func fletcherKnowsItsSum() throws {
    // Words 0x0102, 0x0304 and the odd byte 0x05 as 0x0500: sums 0x0906 and 0x0e0e.
    let bytes: [UInt8] = [1, 2, 3, 4, 5]
    #expect(bytes.withUnsafeBytes(Fletcher32.checksum) == 0x0e0e_0906)
    #expect(try Fletcher32.strip((bytes + [0x06, 0x09, 0x0e, 0x0e])[...]) == bytes[...])
    // As it was written before 1.6.3.
    #expect(try Fletcher32.strip((bytes + [0x09, 0x06, 0x0e, 0x0e])[...]) == bytes[...])
    #expect(throws: Trouble.self) { try Fletcher32.strip((bytes + [0x07, 0x09, 0x0e, 0x0e])[...]) }
    #expect(throws: Trouble.self) { try Fletcher32.strip([1, 2, 3]) }
  }

  @Test func deflateGivesExactlyWhatWasAskedFor() throws {
    let bytes = [UInt8](repeating: 3, count: 1000)
    let packed = try #require(bytes.withUnsafeBytes { Deflate.encode($0, level: 6) })
    #expect(try packed.withUnsafeBytes { try Deflate.decode($0, size: 1000) } == bytes)
    for size in [999, 1001] {
      #expect(throws: Trouble.self) {
        try packed.withUnsafeBytes { try Deflate.decode($0, size: size) }
      }
    }
    for length in 0..<packed.count {
      #expect(throws: Trouble.self) {
        try packed[..<length].withUnsafeBytes { try Deflate.decode($0, size: 1000) }
      }
    }
  }

  @Test(arguments: [
    [], [1], [2], [3], [2, 1], [2, 1, 3], [3, 2, 1], [2, 32000], [2, 32000, 3],
  ])
  func everyPipelineComesBack(filters: [Int]) throws {
    let pipeline = FilterPipeline(
      filters: filters.map { Dataset.Filter(id: $0, parameters: $0 == 2 ? [4] : [6]) })
    #expect(pipeline.isOurs)
    for bytes in samples(400) {
      let (stored, mask) = bytes.withUnsafeBytes { pipeline.encode($0) }
      let back = try stored.withUnsafeBytes { try pipeline.decode($0, mask: mask, size: 400) }
      #expect(back == bytes)
    }
  }

  @Test func whatDoesNotShrinkIsStoredAsItIs() {
    let pipeline = FilterPipeline(filters: [
      .init(id: 2, parameters: [4]), .init(id: 1, parameters: [9]), .init(id: 3),
    ])
    let bytes = (0..<64).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 7) }
    let (stored, mask) = bytes.withUnsafeBytes { pipeline.encode($0) }
    #expect(mask == 0b011)
    #expect(Array(stored.prefix(64)) == bytes && stored.count == 68)
  }

  @Test func twoCompressionsAreTheLibrarys() {
    #expect(!FilterPipeline(filters: [.init(id: 32000), .init(id: 1)]).isOurs)
    #expect(!FilterPipeline(filters: [.init(id: 4)]).isOurs)
  }
}
