import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One way in which two documents differ.
public struct Difference: Sendable, Hashable, CustomStringConvertible {
  /// The path of the object, ready to be shown; `/` is the root.
  public let path: String
  /// `attribute units: type differs`, `values differ at byte 12`, …
  public let what: String
  public var description: String { "\(path): \(what)" }
}

extension Document {
  /// What makes two documents the same.
  public enum Sameness: Sendable {
    /// Everything that a document says.
    case everything
    /// What a program that reads the file sees: not how values are laid out, filtered and
    /// allocated, nor the version of the file's format and its user block. Values that were never
    /// written equal their fill value.
    case content
  }

  /// How `other` differs from this document, at most `limit` differences in the order of a walk from
  /// the root; empty where it is the same. Reads the values, and throws what that throws.
  public func differences(
    to other: Document, in sameness: Sameness = .everything, limit: Int = 100
  ) throws -> [Difference] {
    var comparison = Comparison(a: self, b: other, sameness: sameness, limit: limit)
    return try comparison.run()
  }

  /// Whether there is no difference.
  public func isEqual(to other: Document, in sameness: Sameness = .everything) throws -> Bool {
    try differences(to: other, in: sameness, limit: 1).isEmpty
  }
}

private struct Comparison {
  let a: Document
  let b: Document
  let sameness: Document.Sameness
  let limit: Int
  var found: [Difference] = []
  /// Objects of `a` and `b` that one path leads to, both ways.
  private var partners: [Document.ObjectID: Document.ObjectID] = [:]
  private var reverse: [Document.ObjectID: Document.ObjectID] = [:]
  private var waiting: [(a: Document.ObjectID, b: Document.ObjectID, path: String)] = []
  /// What can be compared only when every object has its partner.
  private var committed:
    [(a: Document.ObjectID, b: Document.ObjectID, path: String, what: String)] = []
  private var references: [(type: Datatype, a: [UInt8], b: [UInt8], path: String, what: String)] =
    []

  init(a: Document, b: Document, sameness: Document.Sameness, limit: Int) {
    self.a = a
    self.b = b
    self.sameness = sameness
    self.limit = limit
  }

  mutating func run() throws -> [Difference] {
    if sameness == .everything {
      expect(a.userBlock == b.userBlock, "/", "the user block differs")
      let (one, other) = (a.superblockVersion, b.superblockVersion)
      expect(one == other, "/", "superblock version \(one) and \(other)")
    }
    meet(0, 0, "/", "")
    while let pair = waiting.popLast(), found.count < limit {
      switch (a.objects[pair.a], b.objects[pair.b]) {
      case (.group(let x), .group(let y)): compare(x, y, pair.path)
      case (.dataset(let x), .dataset(let y)): try compare(x, y, pair.path)
      case (.committedType(let x), .committedType(let y)):
        expect(x.type == y.type, pair.path, "the committed type differs")
        expect(
          x.attributeOrder == y.attributeOrder, pair.path, "tracking of attribute order differs")
        compare(x.attributes, y.attributes, pair.path)
      case (let x, let y): expect(false, pair.path, "\(x.kind) and \(y.kind)")
      }
    }
    for pair in committed {
      expect(partners[pair.a] == pair.b, pair.path, "\(pair.what)taken from another committed type")
    }
    for value in references {
      let moved = remapped(value.a, value.type)
      expect(moved != nil && moved == value.b, value.path, "\(value.what)references differ")
    }
    return Array(found.prefix(limit))
  }

  private mutating func expect(_ isSo: Bool, _ path: String, _ what: @autoclosure () -> String) {
    if !isSo, found.count < limit { found.append(Difference(path: path, what: what())) }
  }

  /// Notes that two objects have one path, and compares them later where they are met first.
  private mutating func meet(
    _ x: Document.ObjectID, _ y: Document.ObjectID, _ path: String, _ name: String
  ) {
    guard a.objects.indices.contains(x), b.objects.indices.contains(y) else {
      return expect(false, path, "link \(name) leads nowhere")
    }
    if partners[x] == nil, reverse[y] == nil {
      partners[x] = y
      reverse[y] = x
      let full = name.isEmpty ? path : (path == "/" ? "/" : path + "/") + name
      // A tree thousands of groups deep would otherwise take its depth squared.
      waiting.append((x, y, full.utf8.count > 4096 ? "…/\(name)" : full))
    } else {
      expect(partners[x] == y, path, "link \(name) leads to another object")
    }
  }

  private mutating func compare(_ x: Group, _ y: Group, _ path: String) {
    expect(x.linkOrder == y.linkOrder, path, "tracking of link order differs")
    expect(x.attributeOrder == y.attributeOrder, path, "tracking of attribute order differs")
    compare(x.attributes, y.attributes, path)
    let names = Set(y.links.map(\.name))
    let others = Set(x.links.map(\.name))
    for link in x.links where !names.contains(link.name) {
      expect(false, path, "link \(link.name.printable) is missing")
    }
    for link in y.links where !others.contains(link.name) {
      expect(false, path, "link \(link.name.printable) is new")
    }
    guard names == others else { return }
    expect(x.links.map(\.name) == y.links.map(\.name), path, "links are in another order")
    let partners = Dictionary(y.links.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    for link in x.links {
      if let other = partners[link.name] {
        let marks = (link.mark, other.mark)
        expect(
          marks.0 == marks.1, path,
          "link \(link.name.printable): the name is marked as \(marks.0) and as \(marks.1)")
      }
      switch (link.target, partners[link.name]?.target) {
      case (.hard(let one), .hard(let other)?): meet(one, other, path, link.name.printable)
      case (.soft(let one), .soft(let other)?):
        expect(one == other, path, "soft link \(link.name.printable) leads elsewhere")
      default: expect(false, path, "link \(link.name.printable) is of another kind")
      }
    }
  }

  private mutating func compare(_ x: [Attribute], _ y: [Attribute], _ path: String) {
    let others = Dictionary(y.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    let names = Set(x.map(\.name))
    for attribute in y where !names.contains(attribute.name) {
      expect(false, path, "attribute \(attribute.name.printable) is new")
    }
    for attribute in x {
      let what = "attribute \(attribute.name.printable)"
      guard let other = others[attribute.name] else {
        expect(false, path, "\(what) is missing")
        continue
      }
      let marks = (attribute.mark, other.mark)
      expect(marks.0 == marks.1, path, "\(what): the name is marked as \(marks.0) and as \(marks.1)")
      expect(attribute.type == other.type, path, "\(what): type differs")
      compareCommitted(attribute.committedType, other.committedType, path, "\(what): ")
      expect(attribute.space == other.space, path, "\(what): shape differs")
      if attribute.type == other.type, attribute.type.hasReference {
        references.append((attribute.type, attribute.value, other.value, path, "\(what): "))
      } else {
        expect(attribute.value == other.value, path, "\(what): value differs")
      }
    }
    if names == Set(others.keys) {
      expect(x.map(\.name) == y.map(\.name), path, "attributes are in another order")
    }
  }

  private mutating func compare(_ x: Dataset, _ y: Dataset, _ path: String) throws {
    expect(x.type == y.type, path, "type differs")
    compareCommitted(x.committedType, y.committedType, path, "")
    expect(x.space == y.space, path, "shape \(x.space.dimensions) and \(y.space.dimensions)")
    expect(x.fill == y.fill, path, "fill value differs")
    expect(x.attributeOrder == y.attributeOrder, path, "tracking of attribute order differs")
    if sameness == .everything {
      expect(x.layout == y.layout, path, "layout \(x.layout) and \(y.layout)")
      expect(x.filters == y.filters, path, "filters differ")
      expect(x.fillTime == y.fillTime, path, "fill time differs")
      expect(x.allocationTime == y.allocationTime, path, "allocation time differs")
    }
    compare(x.attributes, y.attributes, path)
    guard x.type == y.type, x.space == y.space else { return }
    switch (x.value, y.value) {
    case (.unwritten, .unwritten): break
    case (.unreadable(let reason), _), (_, .unreadable(let reason)):
      expect(false, path, "values cannot be compared: \(reason)")
    case (.portable(let one), .portable(let other)):
      if x.type.hasReference {
        references.append((x.type, one, other, path, ""))
      } else {
        expect(one == other, path, "values differ")
      }
    case (.unwritten, _) where sameness == .everything,
      (_, .unwritten) where sameness == .everything:
      expect(false, path, "only one of the two was ever written")
    default:
      guard let one = x.plainBytes(), let other = y.plainBytes() else {
        return expect(false, path, "only one of the two was ever written")
      }
      if let place = try firstDifference(one, other) {
        expect(false, path, "values differ at byte \(place)")
      }
    }
  }

  private mutating func compareCommitted(
    _ x: Document.ObjectID?, _ y: Document.ObjectID?, _ path: String, _ what: String
  ) {
    switch (x, y) {
    case (nil, nil): break
    case (let x?, let y?): committed.append((x, y, path, what))
    default: expect(false, path, "\(what)only one of the two has a committed type")
    }
  }

  /// A value of `a` as `b` would say it: with the objects of `b` in its references.
  private func remapped(_ value: [UInt8], _ type: Datatype) -> [UInt8]? {
    var walk = PortableWalk(value) { partners[$0] }
    while !walk.isAtEnd {
      let left = walk.left
      // A type without bytes would go on for ever.
      guard walk.copy(type), walk.left < left else { return nil }
    }
    return walk.copied
  }
}

/// The first byte at which two sources differ, or nil. A shorter one differs at its end.
private func firstDifference(_ a: any ByteSource, _ b: any ByteSource) throws -> Int? {
  let block = 1 << 20
  let common = min(a.count, b.count)
  for start in stride(from: 0, to: common, by: block) {
    let range = start..<min(common, start + block)
    let place: Int? = try a.withBytes(range) { x in
      try b.withBytes(range) { y in
        guard let p = x.baseAddress, let q = y.baseAddress, memcmp(p, q, x.count) != 0 else {
          return nil
        }
        return zip(x, y).enumerated().first { $0.element.0 != $0.element.1 }?.offset
      }
    }
    Passage.add(range.count)
    if let place { return start + place }
  }
  return a.count == b.count ? nil : common
}

extension Object {
  fileprivate var kind: String {
    switch self {
    case .group: "a group"
    case .dataset: "a dataset"
    case .committedType: "a committed type"
    }
  }
}
