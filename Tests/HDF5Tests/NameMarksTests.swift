import Documents
import Files
import Testing

@testable import HDF5

/// The marks that HDF5 keeps beside names. That they are those h5py wrote is seen in Tests/Ecosystem.
struct NameMarksTests {
  private static let names: [(Name, NameMark)] = [
    ("a", .ascii), ("b", .utf8), ("é", .utf8), ("ö", .ascii),
  ]

  /// Names in each of the ways that a writer can mark them.
  private func document(order: CreationOrder, superblock: Int) -> Document {
    func links(_ target: Link.Target) -> [Link] {
      (Self.names + [(Name(bytes: [0xFF]), .utf8)]).map { name, mark in
        Link(name: name, target: target, mark: mark)
      }
    }
    var root = Group()
    root.linkOrder = order
    root.links = links(.soft("x"))
    root.links.append(Link(name: "inner", target: .hard(1), mark: .utf8))
    if order == .untracked { root.links.sort { $0.name < $1.name } }
    root.attributes = Self.names.map { name, mark in
      Attribute(
        name: name, type: .integer(.init(size: 1, isSigned: true)), space: .scalar, value: [1],
        mark: mark)
    }
    var inner = Group()
    inner.links = links(.hard(0))
    return Document(objects: [.group(root), .group(inner)], superblockVersion: superblock)
  }

  @Test(arguments: [0, 2, 3], [CreationOrder.untracked, .tracked, .indexed])
  func comeBack(superblock: Int, order: CreationOrder) throws {
    let document = document(order: order, superblock: superblock)
    #expect(try document.differences(to: WriteTests.again(document, in: Scratch())) == [])
  }
}
