import Documents
import Files
import Tensors
import Testing

@testable import HDF5

struct WriteTests {
  static let whole = [
    "legacy.h5", "types.h5", "storage.h5", "storage-latest.h5", "order.h5", "links.h5",
    "userblock.h5", "superblock2.h5", "superblock3.h5",
  ]

  /// Writes, and reads back what was written.
  static func again(
    _ document: Document, in scratch: Scratch, storage: HDF5.Storage = .asRead
  ) throws -> Document {
    let output = try OutputFile(path: scratch.path("out.h5"), replacing: true)
    try HDF5.write(document, to: output, storage: storage)
    try output.commit()
    return try HDF5.read(MappedFile(path: scratch.path("out.h5")))
  }

  @Test(arguments: whole)
  func comesBackTheSame(file: String) throws {
    let document = try Fixtures.read(file)
    let back = try Self.again(document, in: Scratch())
    #expect(try document.differences(to: back) == [])
  }

  @Test(arguments: whole)
  func deflatedHoldsTheSame(file: String) throws {
    let document = try Fixtures.read(file)
    let back = try Self.again(document, in: Scratch(), storage: .deflate(level: 6))
    #expect(try document.differences(to: back, in: .content) == [])
  }

  @Test(arguments: whole)
  func theSameDocumentGivesTheSameBytes(file: String) throws {
    let document = try Fixtures.read(file)
    let scratch = try Scratch()
    _ = try Self.again(document, in: scratch)
    let first = try MappedFile(path: scratch.path("out.h5")).bytes()
    let back = try Self.again(document, in: scratch)
    #expect(try MappedFile(path: scratch.path("out.h5")).bytes() == first)
    // And what was written is written the same again.
    _ = try Self.again(back, in: scratch)
    #expect(try MappedFile(path: scratch.path("out.h5")).bytes() == first)
  }

  @Test(arguments: [0, 1, 2, 3])
  func writesEverySuperblockVersion(version: Int) throws {
    var document = try Fixtures.read("legacy.h5")
    document.superblockVersion = version
    #expect(try Self.again(document, in: Scratch()).superblockVersion == version)
  }

  @Test func aLargeAttributeBringsTheNewerFormat() throws {
    var root = Group()
    root.attributes = [
      Attribute(
        name: "large", type: .string(length: 100_000, padding: .nullPadded, isUTF8: false),
        space: .scalar, value: [UInt8](repeating: 65, count: 100_000))
    ]
    let document = Document(objects: [.group(root)])
    let back = try Self.again(document, in: Scratch())
    #expect(
      try document.differences(to: back).map(\.description) == ["/: superblock version 0 and 2"])
  }

  @Test func stringsKeepTheZeroBytesInside() throws {
    var root = Group()
    root.attributes = [
      Attribute(
        name: "text", type: .variableString(padding: .nullTerminated, isUTF8: true),
        space: .simple([3]), value: [4, 97, 0, 98, 0, 3, 99, 100])
    ]
    let document = Document(objects: [.group(root)])
    let back = try Self.again(document, in: Scratch())
    #expect(try document.differences(to: back) == [])
  }

  @Test func manyMembersAreQuick() throws {
    var root = Group()
    var objects: [Object] = []
    for index in 0..<4000 {
      root.links.append(Link(name: Name("g\(String(10_000 + index))"), target: .hard(index + 1)))
      objects.append(.group(Group()))
    }
    for index in 0..<5000 {
      root.attributes.append(
        Attribute(
          name: Name("a\(String(10_000 + index))"), type: .integer(.init(size: 1, isSigned: false)),
          space: .scalar, value: [UInt8(index & 255)]))
    }
    let document = Document(objects: [.group(root)] + objects, superblockVersion: 2)
    let back = try Self.again(document, in: Scratch())
    #expect(try document.differences(to: back) == [])
  }

  @Test func deepGroupsNeedNoStack() throws {
    let objects = (0..<1500).map { index in
      var group = Group()
      if index < 1499 { group.links = [Link(name: "g", target: .hard(index + 1))] }
      return Object.group(group)
    }
    let document = Document(objects: objects)
    let back = try Self.again(document, in: Scratch())
    #expect(back.objects.count == 1500)
    #expect(try document.differences(to: back) == [])
  }
}
