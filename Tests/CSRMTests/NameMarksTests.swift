import Documents
import Files
import Testing

@testable import CSRM

/// The marks of names, ASCII or UTF-8: kept where they are unusual, free where they are not.
struct NameMarksTests {
  private func container(_ document: Document) -> Container {
    Container(kind: .hdf5, parts: [.init(name: "", content: .document(document))])
  }

  private func read(_ bytes: [UInt8], _ features: Features = .nameMarks) throws -> Document {
    try DocumentReader.document(
      from: bytes, stored: bytes.count,
      tensors: [.init(bytes: 2, elementSize: 1, value: .unwritten)], features)
  }

  @Test func unusualMarksComeBack() throws {
    let marked = container(Models.marked())
    let file = try Models.open(Models.packed(marked))
    #expect(file.features == .nameMarks)
    #expect(file.verify().isWhole)
    #expect(try Described.lines(file.container()) == Described.lines(marked))
    #expect(try Models.packed(file.container()) == Models.packed(marked))
  }

  /// Files that have no use for it stay those of version 1.0.
  @Test func usualMarksAskForNothing() throws {
    let bytes = try Models.packed(container(Models.everything()))
    #expect(Array(bytes[8..<20]) == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(try Models.packed(container(Models.marked()))[8..<20] == [1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0])
  }

  /// Of an archive with two documents both end with marks, though one has none that are unusual.
  @Test func everyDocumentHasThem() throws {
    let archive = Container(
      kind: .kerasArchive,
      parts: [
        .init(name: "a", content: .document(Models.everything())),
        .init(name: "b", content: .document(Models.marked())),
        .init(name: "c", content: .document(Document())),
      ])
    let file = try Models.open(Models.packed(archive))
    #expect(try Described.lines(file.container()) == Described.lines(archive))
  }

  /// Runs by hand over seven names: none unusual, all, those in the middle.
  @Test(arguments: [
    ([1, 7], [false, false, false, false, false, false, false]),
    ([2, 0, 7], [true, true, true, true, true, true, true]),
    ([3, 3, 2, 2], [false, false, false, true, true, false, false]),
  ] as [([UInt8], [Bool])])
  func runsCountNames(runs: [UInt8], isUnusual: [Bool]) throws {
    var root = Group()
    root.links = [Link(name: "a", target: .hard(0)), Link(name: "b", target: .soft("a"))]
    root.attributes = ["c", "d", "é", "f", "g"].map {
      Attribute(name: $0, type: .objectReference, space: .null, value: [])
    }
    let fields = try DocumentWriter.bytes(of: Document(objects: [.group(root)]), tensors: [:])
    guard case .group(let group)? = try read(fields + runs).objects.first else {
      Issue.record("no group")
      return
    }
    let marks = group.links.map(\.mark) + group.attributes.map(\.mark)
    let usual: [NameMark] = [.ascii, .ascii, .ascii, .ascii, .utf8, .ascii, .ascii]
    #expect(zip(marks, usual).map { $0 != $1 } == isUnusual)
  }

  @Test func runsThatDoNotFitAreRefused() throws {
    let fields = try DocumentWriter.bytes(of: Models.marked(), tensors: [1: 0])
    #expect(throws: Never.self) { try read(fields + [1, 8]) }
    let wrong: [[UInt8]] = [
      [], [0], [1], [1, 7], [1, 9], [2, 8, 0], [2, 7], [2, 7, 2], [3, 4, 0, 4], [2, 8, 1], [1, 8, 0],
      [2, 0, 9], [1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
    ]
    for runs in wrong {
      #expect(throws: Malformed.self, "\(runs)") { try read(fields + runs) }
    }
    // Without the feature they are bytes behind the last object.
    #expect(throws: Malformed.self) { try read(fields + [1, 8], []) }
  }

  @Test func changedMarksAreSurvived() throws {
    let bytes = try DocumentWriter.bytes(of: Models.marked(), tensors: [1: 0], .nameMarks)
    var changed = bytes
    for index in bytes.indices {
      for value in UInt8.min...UInt8.max {
        changed[index] = value
        _ = try? read(changed)
      }
      changed[index] = bytes[index]
      #expect(throws: Malformed.self) { try read(Array(bytes[..<index])) }
    }
  }
}
