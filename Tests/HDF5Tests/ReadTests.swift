import Documents
import Files
import Testing

@testable import HDF5

struct ReadTests {
  @Test(arguments: [0, 512, 1024, 4096])
  func findsTheSignatureBehindAUserBlock(size: Int) {
    let file =
      [UInt8](repeating: 7, count: size)
      + Array("\u{89}HDF\r\n\u{1a}\n".unicodeScalars.map { UInt8($0.value) })
    #expect(HDF5.signatureOffset(in: MemoryBytes(file)) == size)
    #expect(HDF5.signatureOffset(in: MemoryBytes(file.dropLast())) == nil)
  }

  @Test(arguments: [1, 511, 768, 1536])
  func looksOnlyWhereASignatureMayBe(size: Int) {
    let file =
      [UInt8](repeating: 7, count: size) + [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
    #expect(HDF5.signatureOffset(in: MemoryBytes(file)) == nil)
  }

  @Test func readsEveryValueAsH5pyDoes() throws {
    for (file, datasets) in try Fixtures.values() {
      let document = try Fixtures.read(file)
      for (path, bytes) in datasets {
        let dataset = try #require(document.dataset(path), "\(file) \(path)")
        let read = try #require(dataset.plainBytes(), "\(file) \(path)").bytes()
        #expect(read == bytes, "\(file) \(path)")
      }
    }
  }

  @Test func readsAnyRangeOfChunkedValues() throws {
    for file in ["storage.h5", "storage-latest.h5", "userblock.h5"] {
      let document = try Fixtures.read(file)
      for (path, bytes) in try #require(try Fixtures.values()[file]) {
        let source = try #require(document.dataset(path)?.plainBytes())
        for start in stride(from: 0, through: bytes.count, by: 7) {
          for end in stride(from: start, through: bytes.count, by: 31) {
            let part = try source.withBytes(start..<end) { [UInt8]($0) }
            #expect(part == Array(bytes[start..<end]), "\(file) \(path) \(start)..<\(end)")
          }
        }
      }
    }
  }

  @Test func contiguousValuesAreSlicesOfTheFile() throws {
    let document = try Fixtures.read("userblock.h5")
    guard case .plain(let source)? = document.dataset("x")?.value else {
      Issue.record("no plain values")
      return
    }
    let offset = try #require(source.fileOffset)
    let file = try Fixtures.bytes("userblock.h5")
    #expect(Array(file[offset..<offset + source.count]) == (try source.bytes()))
    #expect(document.userBlock.count == 1024)
    #expect(document.userBlock.prefix(9) == Array("#!/bin/sh".utf8)[...])
  }

  @Test func anImageInMemoryReadsLikeTheFile() throws {
    let image = MemoryBytes(try Fixtures.bytes("storage.h5"))
    let document = try HDF5.read(image: image, name: "member")
    for (path, bytes) in try #require(try Fixtures.values()["storage.h5"]) {
      #expect(try document.dataset(path)?.plainBytes()?.bytes() == bytes)
    }
  }

  @Test func moreChunksThanTheLibraryCanListAreReadByIt() throws {
    var root = Group()
    root.links = [Link(name: "x", target: .hard(1))]
    let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 / 3) }
    let dataset = Dataset(
      type: .integer(.init(size: 1, isSigned: false)), space: .simple([5000]),
      layout: .chunked([1]), allocationTime: .incremental, value: .plain(MemoryBytes(bytes)))
    let document = Document(objects: [.group(root), .dataset(dataset)], superblockVersion: 3)
    let back = try WriteTests.again(document, in: Scratch())
    guard case .plain(let source)? = back.dataset("x")?.value,
      let chunked = source as? ChunkedBytes,
      case .byLibrary = try chunked.chunks.index()
    else {
      Issue.record("not read by the library")
      return
    }
    #expect(try source.bytes() == bytes)
    #expect(try source.withBytes(1234..<4321) { [UInt8]($0) } == Array(bytes[1234..<4321]))
  }

  @Test func namesTheMissingFilter() throws {
    guard case .unreadable(let reason)? = try Fixtures.read("zstd.h5").dataset("needed")?.value
    else {
      Issue.record("zstd was read")
      return
    }
    #expect(reason.contains("32015") && reason.contains("zstd"))
  }

  @Test func toldByTheSuperblock() throws {
    #expect(try Fixtures.read("legacy.h5").superblockVersion == 0)
    #expect(try Fixtures.read("superblock2.h5").superblockVersion == 2)
    #expect(try Fixtures.read("superblock3.h5").superblockVersion == 3)
  }
}
