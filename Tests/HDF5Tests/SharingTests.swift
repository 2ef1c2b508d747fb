import Dispatch
import Documents
import Files
import Foundation
import Testing

@testable import HDF5

/// Several threads, several processes.
struct SharingTests {
  @Test func manyThreadsReadAtOnce() throws {
    let names = ["storage.h5", "types.h5", "virtual-1.10.h5", "bomb-empty.h5", "links.h5"]
    let expected = try Fixtures.values()
    DispatchQueue.concurrentPerform(iterations: 40) { index in
      let name = names[index % names.count]
      do {
        let document = try Fixtures.read(name)
        for (path, bytes) in expected[name] ?? [:] {
          #expect(try document.dataset(path)?.plainBytes()?.bytes() == bytes)
        }
      } catch { #expect(name.hasPrefix("virtual") || name.hasPrefix("bomb")) }
    }
  }

  @Test func manyThreadsReadOneSource() throws {
    let source = try #require(try Fixtures.read("storage.h5").dataset("szip")?.plainBytes())
    let expected = try #require(try Fixtures.values()["storage.h5"]?["szip"])
    DispatchQueue.concurrentPerform(iterations: 50) { index in
      let range = index..<expected.count - index
      #expect((try? source.withBytes(range) { [UInt8]($0) }) == Array(expected[range]))
    }
  }

  @Test func valuesAreCopiedFromAChunkedSourceWhileWriting() throws {
    // Reading the source takes the library's lock, which the writer must not hold then.
    var document = try Fixtures.read("storage.h5")
    for index in document.objects.indices {
      if case .dataset(var dataset) = document.objects[index] {
        dataset.layout = .contiguous
        dataset.filters = []
        document.objects[index] = .dataset(dataset)
      }
    }
    for name in ["resizable", "resizable both ways", "chunk larger than the data"] {
      // Only chunks can grow.
      guard let link = document.root.links.first(where: { $0.name == Name(name) }),
        case .hard(let id) = link.target, case .dataset(var dataset) = document.objects[id]
      else { continue }
      dataset.space = .simple(dataset.space.dimensions)
      document.objects[id] = .dataset(dataset)
    }
    let back = try WriteTests.again(document, in: Scratch())
    #expect(try document.differences(to: back, in: .content) == [])
  }

  @Test func aLockHeldBySomebodyElseDoesNotMatter() throws {
    let scratch = try Scratch()
    let path = scratch.path("locked.h5")
    try FileManager.default.copyItem(atPath: Fixtures.path("legacy.h5"), toPath: path)
    let descriptor = open(path, O_RDWR)
    defer { close(descriptor) }
    #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    #expect(try HDF5.read(MappedFile(path: path)).objects.count == 9)
    // And nothing is locked by reading.
    #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
  }

  @Test func aReadOnlyFileIsReadable() throws {
    let scratch = try Scratch()
    let path = scratch.path("read-only.h5")
    try FileManager.default.copyItem(atPath: Fixtures.path("legacy.h5"), toPath: path)
    chmod(path, 0o444)
    #expect(try HDF5.read(MappedFile(path: path)).objects.count == 9)
  }

  @Test func aPlaceThatCannotBeWrittenIsToldOf() throws {
    let document = try Fixtures.read("legacy.h5")
    do {
      try HDF5.write(document, to: "/nowhere/at/all.h5")
      Issue.record("written")
    } catch {
      #expect(error.fault == .inputOutput)
      #expect(error.description.contains("No such file or directory"))
    }
  }

  #if os(Linux)
    @Test func aFullDiskIsToldOf() throws {
      // /dev/full takes nothing.
      let document = try Fixtures.read("legacy.h5")
      do {
        try HDF5.write(document, to: "/dev/full")
        Issue.record("written")
      } catch { #expect(error.fault == .inputOutput) }
    }
  #endif
}
