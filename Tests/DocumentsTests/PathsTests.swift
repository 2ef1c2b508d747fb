import Files
import Tensors
import Testing

@testable import Documents

struct PathsTests {
  private func dataset(_ bytes: [UInt8]) -> Object {
    .dataset(
      Dataset(
        type: .integer(.init(size: 1, isSigned: false)), space: .simple([bytes.count]),
        value: .plain(MemoryBytes(bytes))))
  }

  private func group(_ links: [(Name, Link.Target)]) -> Object {
    var group = Group()
    group.links = links.map { Link(name: $0.0, target: $0.1) }
    return .group(group)
  }

  @Test func firstPathOfEachDatasetInLinkOrder() {
    let document = Document(objects: [
      group([("b", .hard(1)), ("loop", .hard(0)), ("a", .hard(2)), ("gone", .soft("b/x"))]),
      group([("x", .hard(3)), ("y\\", .hard(4))]),
      group([("alias", .hard(3)), ("z", .hard(5)), ("missing", .hard(99))]),
      dataset([1]), dataset([2]), dataset([3]), dataset([4]),
    ])
    #expect(document.datasetPaths() == [nil, nil, nil, "b/x", "b/y\\\\", "a/z", nil])
  }

  @Test func deepGroupsNeedNoStack() {
    let depth = 20_000
    var objects = (0..<depth).map { group([("g", .hard($0 + 1))]) }
    objects.append(dataset([]))
    #expect(
      Document(objects: objects).datasetPaths().last == String(repeating: "g/", count: depth - 1)
        + "g")
  }

  @Test func replacedValuesRememberTheirPlace() throws {
    var container = Container(
      kind: .hdf5,
      parts: [
        .init(
          name: "",
          content: .document(Document(objects: [group([("x", .hard(1))]), dataset([1, 2])])))
      ])
    container.replaceValue(part: 0, object: 1, with: MemoryBytes([3, 4]))
    guard case .dataset(let dataset) = container.parts[0].document?.objects[1],
      case .plain(let source) = dataset.value
    else { throw Missing() }
    #expect(try source.bytes() == [3, 4])
    #expect(source.fileOffset == nil)
    #expect((source as? ReplacedBytes)?.replacedOffset == nil)
  }

  private struct Missing: Error {}
}
