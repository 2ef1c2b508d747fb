import Documents
import Tensors
import Testing

@testable import CSRM

/// Files without a container, which are read as a tree of their tensors.
struct CollectionTests {
  private func file(_ names: [String]) throws -> PackedFile {
    var crafted = Crafted()
    crafted.parts = names.sorted().map { name in
      var part = Crafted.Part()
      part.name = Array(name.utf8)
      return part
    }
    return try Models.open(crafted.bytes)
  }

  @Test func tensorsAreDatasetsAtTheirNames() throws {
    let container = try file(["a", "dense/kernel", "dense/more/x", "dense/bias"]).container()
    #expect(container.kind == .hdf5)
    let document = try #require(container.parts[0].document)
    func members(_ object: Int) -> [String: Int] {
      guard case .group(let group) = document.objects[object] else { return [:] }
      var found: [String: Int] = [:]
      for link in group.links {
        if case .hard(let target) = link.target { found[link.name.description] = target }
      }
      return found
    }
    let root = members(0)
    #expect(root.keys.sorted() == ["a", "dense"])
    let dense = members(try #require(root["dense"]))
    #expect(dense.keys.sorted() == ["bias", "kernel", "more"])
    #expect(members(try #require(dense["more"])).keys.sorted() == ["x"])
    guard case .dataset(let kernel) = document.objects[try #require(dense["kernel"])] else {
      throw Models.Difference(what: "no dataset")
    }
    #expect(kernel.type == .float(.init(ieee: 4)))
    #expect(kernel.space == .simple([2]))
    #expect(try kernel.plainBytes()?.bytes() == Crafted.Part().blocks[0])
    // What it reads as packs to a file that has a container, and holds the same.
    let packed = try Models.open(Models.packed(container))
    #expect(try Described.lines(packed.container()) == Described.lines(container))
  }

  /// Bytes that are no text are written as csrm(5) says, and are themselves again.
  @Test func namesAreReadAsTheyAreShown() throws {
    for bytes: [UInt8] in [
      Array("plain".utf8), [0xFF], Array(#"a\b"#.utf8), Array(#"\xff"#.utf8), [0x61, 0xC3, 0x5C, 0x78],
    ] {
      #expect(Name(shown: Name(bytes: bytes).description).bytes == bytes)
    }
    let document = try file([#"a\xffb"#, #"c\\d"#]).container().parts[0].document
    guard case .group(let root)? = document?.objects[0] else {
      throw Models.Difference(what: "no root")
    }
    #expect(root.links.map(\.name.bytes) == [[0x61, 0xFF, 0x62], Array(#"c\d"#.utf8)])
  }

  /// Two opaque bytes would be taken for a bfloat16 of the other order.
  @Test func bfloat16OfTheOtherOrderIsNoNumber() throws {
    var crafted = Crafted()
    crafted.parts[0].code = ElementType.Kind.bfloat16.rawValue | 0x80
    crafted.parts[0].size = 2
    crafted.parts[0].shape = [4]
    crafted.parts[0].nonzeros = 4
    crafted.parts[0].blockElements = 4
    crafted.parts[0].blocks = [[0x3F, 0x80, 0x40, 0, 0x40, 0x80, 0x3F, 0x80]]
    let container = try Models.open(crafted.bytes).container()
    guard case .dataset(let dataset)? = container.parts[0].document?.objects[1] else {
      throw Models.Difference(what: "no dataset")
    }
    #expect(dataset.type.elementType == nil)
    #expect(try dataset.plainBytes()?.bytes() == crafted.parts[0].blocks[0])
  }

  @Test(arguments: [
    ["a", "a/b"], ["a", "a/b/c"], ["a//b"], ["/a"], ["a/"], ["./a"], [String(repeating: "a/", count: 1024) + "a"],
  ])
  func namesThatAreNoPathsOfOneTreeAreRefused(_ names: [String]) throws {
    let file = try file(names)
    #expect(throws: CSRMError.noContainer(file: "test.csrm")) { try file.container() }
    #expect(try file.tensorBytes(names[0]).source.count == 8)
    #expect(file.verify().damage == [])
  }
}
