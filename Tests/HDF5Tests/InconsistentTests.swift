import Documents
import Files
import Testing

@testable import HDF5

/// Documents whose parts contradict each other, as a damaged packed file could make them.
struct InconsistentTests {
  private func message(_ document: Document) throws -> String {
    do {
      _ = try WriteTests.again(document, in: Scratch())
      return "written"
    } catch let error as HDF5Error { return error.description }
  }

  private func root(
    _ links: [Link], _ attributes: [Attribute] = [], others: [Object] = []
  ) -> Document {
    var group = Group()
    group.links = links
    group.attributes = attributes
    return Document(objects: [.group(group)] + others)
  }

  private func dataset(
    _ type: Datatype = .float(.init(ieee: 4)), _ space: Dataspace, _ value: Dataset.Value,
    layout: Dataset.Layout = .contiguous
  ) -> Document {
    root(
      [Link(name: "x", target: .hard(1))],
      others: [.dataset(Dataset(type: type, space: space, layout: layout, value: value))])
  }

  @Test(arguments: ["", ".", "a/b", "a\0b"] as [Name])
  func aNameThatIsNone(name: Name) throws {
    #expect(try message(root([Link(name: name, target: .soft("x"))])).contains("cannot be written"))
  }

  @Test func aLinkToNothing() throws {
    #expect(try message(root([Link(name: "x", target: .hard(7))])).contains("does not exist"))
  }

  @Test func twoLinksOfOneName() throws {
    let links = [Link(name: "x", target: .soft("a")), Link(name: "x", target: .soft("b"))]
    let said = try message(root(links))
    #expect(said.contains("two links"))
  }

  @Test func aRootThatIsNoGroup() throws {
    let type = CommittedType(type: .objectReference)
    #expect(try message(Document(objects: [.committedType(type)])).contains("root"))
    #expect(try message(Document(objects: [])).contains("root"))
  }

  @Test func aUserBlockOfAnOddSize() throws {
    let document = Document(
      objects: [.group(Group())], userBlock: [UInt8](repeating: 1, count: 700))
    #expect(try message(document).contains("user block of 700"))
  }

  @Test(arguments: [0, 3, 5])
  func valuesThatDoNotFillTheShape(count: Int) throws {
    let bytes = MemoryBytes([UInt8](repeating: 0, count: count * 4))
    #expect(
      try message(dataset(.float(.init(ieee: 4)), .simple([4]), .plain(bytes)))
        .contains("where its shape holds 16 (at /x)"))
  }

  @Test func chunksOfAnotherRank() throws {
    let bytes = MemoryBytes([UInt8](repeating: 0, count: 16))
    for shape in [[4, 1], [0], []] {
      let document = dataset(
        .float(.init(ieee: 4)), .simple([4]), .plain(bytes), layout: .chunked(shape))
      #expect(try message(document).contains("chunks that do not fit"))
    }
  }

  @Test(
    arguments: [
      [], [5], [5, 1, 2], [1, 1], [0x80],
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
    ] as [[UInt8]])
  func stringsThatAreCutOffOrTooMany(value: [UInt8]) throws {
    let attribute = Attribute(
      name: "a", type: .variableString(padding: .nullTerminated, isUTF8: true), space: .scalar,
      value: value)
    #expect(try message(root([], [attribute])).contains("attribute a"))
  }

  @Test func sequencesThatPromiseMoreThanTheyHold() throws {
    for value in [[9, 1], [0xff, 0xff, 0xff, 0xff, 0x7f]] as [[UInt8]] {
      let attribute = Attribute(
        name: "a", type: .sequence(base: .integer(.init(size: 8, isSigned: true))), space: .scalar,
        value: value)
      #expect(try message(root([], [attribute])).contains("attribute a"))
    }
  }

  @Test func aReferenceToNothing() throws {
    let attribute = Attribute(name: "a", type: .objectReference, space: .scalar, value: [9])
    #expect(try message(root([], [attribute])).contains("reference to an object"))
  }

  @Test func unreadableValuesSayWhy() throws {
    do {
      _ = try WriteTests.again(try Fixtures.read("zstd.h5"), in: Scratch())
      Issue.record("written")
    } catch let error as HDF5Error {
      #expect(error.fault == .unsupported)
      #expect(error.description.contains("zstd") && error.description.contains("/needed"))
    }
  }

  @Test func aSourceThatFailsIsToldOf() throws {
    struct Broken: Reportable {
      var description: String { "input.csrm: block 7 is damaged." }
      var fault: Fault { .damaged }
    }
    final class BrokenSource: ByteSource {
      let count = 16
      func withBytes<Result>(
        _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
      ) throws -> Result { throw Broken() }
    }
    for layout in [.contiguous, .compact, .chunked([2])] as [Dataset.Layout] {
      let document = dataset(
        .float(.init(ieee: 4)), .simple([4]), .plain(BrokenSource()), layout: layout)
      let said = try message(document)
      #expect(said == "input.csrm: block 7 is damaged.")
    }
  }
}
