import Documents
import Files
import Tensors
import Testing

@testable import HDF5

struct DeflateStorageTests {
  private func document(_ values: [Float], _ shape: [Int], superblockVersion: Int = 0) -> Document {
    var root = Group()
    root.links = [Link(name: "x", target: .hard(1))]
    let dataset = Dataset(
      type: .float(.init(ieee: 4)), space: .simple(shape),
      value: .plain(MemoryBytes(values.withUnsafeBytes { [UInt8]($0) })))
    return Document(
      objects: [.group(root), .dataset(dataset)], superblockVersion: superblockVersion)
  }

  /// Nine zeros, then a number that looks like chance.
  private func sparse(_ count: Int) -> [Float] {
    (0..<count).map { $0 % 10 == 9 ? Float(($0 &* 2_654_435_761) & 0xffff_ffff) / 1e6 : 0 }
  }

  private func dense(_ count: Int) -> [Float] {
    var state: UInt64 = 1
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(bitPattern: UInt32(truncatingIfNeeded: state >> 32))
    }
  }

  @Test(arguments: [0, 2, 3])
  func sparseValuesBecomeSmaller(version: Int) throws {
    let document = document(sparse(200_000), [400, 500], superblockVersion: version)
    let scratch = try Scratch()
    let back = try WriteTests.again(document, in: scratch, storage: .deflate(level: 6))
    #expect(try document.differences(to: back, in: .content) == [])
    #expect(back.dataset("x")?.layout == .chunked([400, 500]))
    #expect(back.dataset("x")?.filters.map(\.id) == [2, 1])
    #expect(try MappedFile(path: scratch.path("out.h5")).count < 200_000)
  }

  @Test func whatDoesNotGainStaysContiguous() throws {
    for (values, shape) in [(dense(50_000), [50_000]), (sparse(64), [8, 8]), (sparse(600), [600])] {
      let back = try WriteTests.again(
        document(values, shape), in: Scratch(), storage: .deflate(level: 9))
      #expect(back.dataset("x")?.layout == .contiguous, "\(shape)")
    }
  }

  @Test func neverMakesAFileLarger() throws {
    for count in [64, 256, 700, 1000, 5000, 40_000] {
      for version in [0, 2, 3] {
        for values in [sparse(count), dense(count), [Float](repeating: 0, count: count)] {
          let document = document(values, [count], superblockVersion: version)
          let scratch = try Scratch()
          _ = try WriteTests.again(document, in: scratch)
          let plain = try MappedFile(path: scratch.path("out.h5")).count
          _ = try WriteTests.again(document, in: scratch, storage: .deflate(level: 6))
          #expect(
            try MappedFile(path: scratch.path("out.h5")).count <= plain, "\(count) \(version)")
        }
      }
    }
  }

  @Test func largeTensorsAreTriedOutAndStreamed() throws {
    let document = document(sparse(3 << 20), [3 << 10, 1 << 10])
    let back = try WriteTests.again(document, in: Scratch(), storage: .deflate(level: 1))
    #expect(back.dataset("x")?.layout == .chunked([256, 1024]))
    #expect(try document.differences(to: back, in: .content) == [])
  }

  @Test(arguments: [
    ([10], [10]), ([300_000], [150_000]), ([4, 4], [4, 4]), ([3, 3, 512, 512], [1, 1, 512, 512]),
    ([2, 600_000], [1, 200_000]), ([1000, 1000], [250, 1000]), ([7, 1 << 18], [1, 1 << 18]),
  ])
  func chunksAreWholeRowsOfAtMostAMebibyte(shape: [Int], chunk: [Int]) {
    #expect(StoragePlan.chunkShape(shape, elementSize: 4) == chunk)
  }
}
