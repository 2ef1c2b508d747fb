import Documents
import Files
import Tensors
import Testing

@testable import CSRM

struct ContainerTests {
  @Test func everythingOfADocumentComesBack() throws {
    for kind in ContainerKind.allCases where kind != .csrm {
      let container = Container(
        kind: kind, parts: [.init(name: "", content: .document(Models.everything()))])
      let file = try Models.open(Models.packed(container))
      #expect(try Described.lines(file.container()) == Described.lines(container))
      #expect(file.verify().isWhole)
      // Two links lead to the one tensor of numbers; values of other types, where they are short,
      // are in the document.
      let tensors = file.entries.filter { $0.kind == .tensor }
      #expect(tensors.map(\.name) == ["\\xff\\\\A", "large"])
      #expect(tensors.map(\.type) == [.float32, .opaque(size: 7)])
    }
  }

  @Test func everythingOfAnArchiveComesBack() throws {
    let container = Models.archive()
    let file = try Models.open(Models.packed(container))
    #expect(try Described.lines(file.container()) == Described.lines(container))
    #expect(file.verify().isWhole)
    #expect(
      file.entries.filter { $0.kind == .blob }.map(\.name) == [
        "assets/", "config.json", "metadata.json",
      ])
    #expect(
      file.entries.filter { $0.kind == .tensor }.first?.name.hasPrefix("model.weights.h5/") == true)
  }

  @Test func packingWhatWasUnpackedGivesTheSameBytes() throws {
    for container in [
      Models.archive(),
      Models.container([("x", Models.dataset(.float64, [2, 2], MemoryBytes([UInt8](0..<32))))]),
    ] {
      let packed = try Models.packed(container)
      #expect(try Models.packed(Models.open(packed).container()) == packed)
    }
  }

  /// A member "a" with a dataset "b/c" and a member "a/b" with a dataset "c": both are "a/b/c".
  @Test func namesThatMeetAreToldApart() throws {
    func document(_ names: [Name], _ value: UInt8) -> Document {
      var objects: [Object] = []
      for (index, name) in names.enumerated() {
        var group = Group()
        group.links = [Link(name: name, target: .hard(index + 1))]
        objects.append(.group(group))
      }
      objects.append(.dataset(Models.dataset(ElementType(.int8), [1], MemoryBytes([value]))))
      return Document(objects: objects)
    }
    let container = Container(
      kind: .kerasArchive,
      parts: [
        .init(name: "a/b", content: .document(document(["c"], 1))),
        .init(name: "a", content: .document(document(["b", "c"], 2))),
      ])
    let file = try Models.open(Models.packed(container))
    #expect(file.entries.filter { $0.kind == .tensor }.map(\.name) == ["a/b/c", "a/b/c#2"])
    #expect(try Described.lines(file.container()) == Described.lines(container))
  }

  @Test func threadsAndWhereTheBytesLieDoNotMatter() throws {
    var random = Sequence64(4)
    let bytes = random.elements(300 * 500, size: 4, oneIn: 3)
    var options = PackOptions()
    options.blockRows = 10
    let container = Models.container(.float32, [300, 500], bytes)
    let packed = try Models.packed(container, options)
    options.memory = 1
    #expect(try Models.packed(container, options) == packed)
    let halves = ConcatenatedBytes([
      MemoryBytes(Array(bytes[..<1001])), MemoryBytes(Array(bytes[1001...])),
    ])
    #expect(
      try Models.packed(
        Models.container([("x", Models.dataset(.float32, [300, 500], halves))]), options)
        == packed)
  }

  @Test func whatCannotBePackedIsRefused() throws {
    func error(_ container: Container, _ change: (inout PackOptions) -> Void = { _ in })
      -> CSRMError?
    {
      var options = PackOptions()
      change(&options)
      do {
        _ = try Models.packed(container, options)
        return nil
      } catch { return error as? CSRMError }
    }
    let short = Models.container(.float32, [2, 2], [1, 2, 3])
    #expect(error(short) == .wrongSize(file: "the model", dataset: "x", bytes: 3, expected: 16))
    var missing = Models.dataset(.float32, [1], MemoryBytes([0, 0, 0, 0]))
    missing.value = .unreadable(reason: "filter 32015 is not here")
    #expect(
      error(Models.container([("x", missing)]))
        == .unreadable(file: "the model", dataset: "x", reason: "filter 32015 is not here"))
    var twice = Models.archive()
    twice.parts.append(twice.parts[0])
    #expect(error(twice)?.fault == .unsupported)
    #expect(error(Container(kind: .csrm, parts: []))?.fault == .unsupported)
    let wide = Models.container(
      [("x", Models.dataset(.float64, [40, 1 << 20], RepeatedBytes([1], times: 40 << 23)))])
    #expect(
      error(wide) { $0.blockRows = 40 }
        == .blockTooLarge(tensor: "x", bytes: 40 << 23, limit: 1 << 27))
    #expect(
      error(Models.container(.float32, [1], [0, 0, 0, 0])) { $0.bytesExact = true }?.fault
        == .unsupported)
  }

  @Test func longNamesArePackedUpToTheLimit() throws {
    let type = ElementType(.int8)
    func container(_ length: Int) -> Container {
      let name = Name(bytes: [UInt8](repeating: 0x61, count: length))
      return Models.container([(name, Models.dataset(type, [1], MemoryBytes([5])))])
    }
    let file = try Models.open(Models.packed(container(65_536)))
    #expect(file.entries.last?.name.utf8.count == 65_536)
    #expect(throws: CSRMError.self) { try Models.packed(container(65_537)) }
  }

  @Test func tensorsAreFoundByName() throws {
    let file = try Models.open(Models.packed(Models.container(.float32, [2, 2], [UInt8](0..<16))))
    #expect(throws: CSRMError.noSuchTensor(file: "test.csrm", name: "y")) {
      try file.tensorBytes("y")
    }
    #expect(throws: CSRMError.rowsOutside(file: "test.csrm", tensor: "x", rows: 1..<3, count: 2)) {
      try file.tensorBytes("x", rows: 1..<3)
    }
    let row = try file.tensorBytes("x", rows: 1..<2)
    #expect(row.shape == [1, 2])
    #expect(row.type == .float32)
    #expect(try row.source.bytes() == [UInt8](8..<16))
  }

  @Test func limitOfZerothOrder() throws {
    // Four weights: two zeros, 1.0 and -2.0. One bit for each place, one for each sign, one for
    // each exponent, 23 for each mantissa.
    let bytes = [0, Float(1).bitPattern, 0, Float(-2).bitPattern].flatMap { word in
      (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) }
    }
    let file = try Models.open(Models.packed(Models.container(.float32, [2, 2], bytes)))
    let index = try #require(file.entries.firstIndex { $0.kind == .tensor })
    let limit = try #require(try file.zerothOrderLimit(of: index))
    #expect(limit.bits == 4 + 2 + 2 + 46)
    #expect(try ZerothOrderLimit(of: MemoryBytes(bytes), type: ElementType(.int32)) == nil)
    var pooled = ZerothOrderLimit.Pooled()
    pooled.add(limit, shape: [2, 2])
    pooled.add(limit, shape: [4])
    #expect(pooled.bytes == 13.5)
  }
}
