import Files
import Tensors
import Testing

@testable import Documents

struct DifferencesTests {
  private func dataset(
    _ bytes: [UInt8] = [1, 2, 3], _ change: (inout Dataset) -> Void = { _ in }
  ) -> Object {
    var dataset = Dataset(
      type: .integer(.init(size: 1, isSigned: false)), space: .simple([bytes.count]),
      value: .plain(MemoryBytes(bytes)))
    change(&dataset)
    return .dataset(dataset)
  }

  private func document(
    _ links: [(Name, Link.Target)], _ others: [Object], attributes: [Attribute] = []
  ) -> Document {
    var root = Group()
    root.links = links.map { Link(name: $0.0, target: $0.1) }
    root.attributes = attributes
    return Document(objects: [.group(root)] + others)
  }

  private func one(_ object: Object) -> Document { document([("x", .hard(1))], [object]) }

  private func said(
    _ a: Document, _ b: Document, in sameness: Document.Sameness = .everything
  ) throws -> [String] {
    try a.differences(to: b, in: sameness).map(\.description)
  }

  @Test func whatIsTheSameHasNoDifference() throws {
    let a = document([("x", .hard(1)), ("up", .hard(0)), ("s", .soft("x"))], [dataset()])
    #expect(try said(a, a) == [])
    // Objects may be numbered otherwise.
    var first = Group()
    first.links = [Link(name: "b", target: .hard(2)), Link(name: "a", target: .hard(1))]
    var second = Group()
    second.links = [Link(name: "b", target: .hard(1)), Link(name: "a", target: .hard(2))]
    let c = Document(objects: [.group(first), dataset([1]), dataset([2])])
    let d = Document(objects: [.group(second), dataset([2]), dataset([1])])
    #expect(try c.isEqual(to: d))
  }

  @Test func marksOfNames() throws {
    func named(_ link: NameMark?, _ attribute: NameMark?) -> Document {
      var root = Group()
      root.links = [Link(name: "x", target: .hard(0), mark: link)]
      root.attributes = [
        Attribute(
          name: "größe", type: .integer(.init(size: 1, isSigned: true)), space: .scalar, value: [1],
          mark: attribute)
      ]
      return Document(objects: [.group(root)])
    }
    // A name is marked by its bytes unless it is said otherwise.
    #expect(try said(named(nil, nil), named(.ascii, .utf8)) == [])
    for sameness in [Document.Sameness.everything, .content] {
      #expect(
        try said(named(.ascii, .utf8), named(.utf8, .utf8), in: sameness)
          == ["/: link x: the name is marked as ASCII and as UTF-8"])
      #expect(
        try said(named(.ascii, .utf8), named(.ascii, .ascii), in: sameness)
          == ["/: attribute größe: the name is marked as UTF-8 and as ASCII"])
    }
    #expect(NameMark.usual(for: Name(bytes: [0xFF])) == .ascii)
  }

  @Test func links() throws {
    let a = document([("x", .hard(1)), ("y", .hard(2))], [dataset(), dataset()])
    #expect(
      try said(a, document([("y", .hard(2)), ("x", .hard(1))], [dataset(), dataset()]))
        == ["/: links are in another order"])
    #expect(
      try said(a, document([("x", .hard(1)), ("z", .hard(2))], [dataset(), dataset()]))
        == ["/: link y is missing", "/: link z is new"])
    #expect(
      try said(a, document([("x", .hard(1)), ("y", .soft("x"))], [dataset()]))
        == ["/: link y is of another kind"])
    #expect(
      try said(a, document([("x", .hard(1)), ("y", .hard(1))], [dataset()]))
        == ["/: link y leads to another object"])
    #expect(
      try said(document([("s", .soft("a"))], []), document([("s", .soft("b"))], []))
        == ["/: soft link s leads elsewhere"])
  }

  @Test func attributes() throws {
    func with(_ type: Datatype, _ value: [UInt8]) -> Document {
      document(
        [], [],
        attributes: [
          Attribute(name: "units", type: type, space: .simple([value.count]), value: value)
        ])
    }
    let byte = Datatype.integer(.init(size: 1, isSigned: false))
    #expect(
      try said(with(byte, [1, 2]), with(byte, [1, 3])) == ["/: attribute units: value differs"])
    #expect(
      try said(with(byte, [1]), with(.integer(.init(size: 1, isSigned: true)), [1]))
        == ["/: attribute units: type differs"])
    #expect(try said(with(byte, [1]), document([], [])) == ["/: attribute units is missing"])
    #expect(try said(document([], []), with(byte, [1])) == ["/: attribute units is new"])
  }

  @Test func referencesAreComparedByWhatTheyMean() throws {
    func with(_ first: Document.ObjectID, reference: UInt8) -> Document {
      let type = Datatype.sequence(base: .objectReference)
      return document(
        [("a", .hard(first)), ("b", .hard(3 - first))], [dataset([7]), dataset([7])],
        attributes: [Attribute(name: "r", type: type, space: .scalar, value: [2, reference, 0])])
    }
    // Object 1 is a here and b there; a reference is one more than the object.
    #expect(try said(with(1, reference: 2), with(2, reference: 3)) == [])
    #expect(
      try said(with(1, reference: 2), with(2, reference: 2))
        == ["/: attribute r: references differ"])
  }

  @Test func storageIsADifferenceOfEverythingButNotOfContent() throws {
    let changes: [(String, (inout Dataset) -> Void)] = [
      ("layout", { $0.layout = .chunked([2]) }),
      ("filters", { $0.filters = [.init(id: 1)] }),
      ("fill time", { $0.fillTime = .never }),
      ("allocation", { $0.allocationTime = .early }),
    ]
    for (word, change) in changes {
      let (a, b) = (one(dataset()), one(dataset([1, 2, 3], change)))
      #expect(try said(a, b).count == 1)
      #expect(try said(a, b).first?.contains(word) == true)
      #expect(try said(a, b, in: .content) == [])
    }
    var newer = one(dataset())
    newer.superblockVersion = 3
    newer.userBlock = [1]
    #expect(try said(one(dataset()), newer).count == 2)
    #expect(try said(one(dataset()), newer, in: .content) == [])
  }

  @Test func values() throws {
    #expect(
      try said(one(dataset([1, 2, 3])), one(dataset([1, 2, 4]))) == ["/x: values differ at byte 2"])
    let unwritten = one(dataset([0, 0, 0]) { $0.value = .unwritten })
    #expect(
      try said(one(dataset([0, 0, 0])), unwritten) == ["/x: only one of the two was ever written"])
    #expect(try said(one(dataset([0, 0, 0])), unwritten, in: .content) == [])
    #expect(
      try said(one(dataset([0, 1, 0])), unwritten, in: .content) == ["/x: values differ at byte 1"])
    let unreadable = one(dataset { $0.value = .unreadable(reason: "filter 9") })
    #expect(try said(unreadable, unreadable) == ["/x: values cannot be compared: filter 9"])
  }

  @Test func otherKindsAndShapes() throws {
    #expect(try said(one(dataset()), one(.group(Group()))) == ["/x: a dataset and a group"])
    #expect(try said(one(dataset([1])), one(dataset([1, 2]))) == ["/x: shape [1] and [2]"])
  }

  @Test func stopsAtTheLimit() throws {
    let names = (0..<50).map { Name("l\($0)") }
    let a = document(names.map { ($0, .soft("a")) }, [])
    let b = document(names.map { ($0, .soft("b")) }, [])
    #expect(try a.differences(to: b, limit: 3).count == 3)
    #expect(try a.isEqual(to: a) && !a.isEqual(to: b))
  }
}
