import Documents

/// Builds a document group by group, out of parts of another one.
struct DocumentBuilder {
  private(set) var document = Document()
  private let source: Document
  /// Objects that were copied, by where they are in the source.
  private var copies: [Document.ObjectID: Document.ObjectID] = [:]

  init(from source: Document) { self.source = source }

  /// The group at `path`, made where it is not there.
  mutating func group(at path: [Name], from start: Document.ObjectID = 0) -> Document.ObjectID {
    var place = start
    for name in path {
      if let link = document.group(place)?.links.first(where: { $0.name == name }),
        case .hard(let next) = link.target
      {
        place = next
      } else {
        place = link(name, in: place, to: .group(Group()))
      }
    }
    return place
  }

  /// The components of a name with slashes in it.
  static func components(_ name: Name) -> [Name] {
    name.bytes.split(separator: UInt8(ascii: "/")).map { Name(bytes: Array($0)) }
      .filter { $0 != "." }
  }

  private mutating func link(
    _ name: Name, in group: Document.ObjectID, to object: Object
  ) -> Document.ObjectID {
    document.objects.append(object)
    link(name, in: group, to: document.objects.count - 1)
    return document.objects.count - 1
  }

  private mutating func link(
    _ name: Name, in place: Document.ObjectID, to target: Document.ObjectID
  ) {
    guard case .group(var group) = document.objects[place] else { return }
    group.links.append(Link(name: name, target: .hard(target)))
    document.objects[place] = .group(group)
  }

  /// A dataset of the source at `path` below `start`.
  mutating func add(_ dataset: Dataset, at path: [Name], from start: Document.ObjectID = 0) {
    guard let name = path.last else { return }
    let parent = group(at: Array(path.dropLast()), from: start)
    _ = link(name, in: parent, to: .dataset(Self.free(dataset)))
  }

  /// A dataset that stands by itself: types that were stored under a name are written out.
  private static func free(_ dataset: Dataset) -> Dataset {
    var copy = dataset
    copy.committedType = nil
    copy.attributes = free(dataset.attributes)
    return copy
  }

  private static func free(_ attributes: [Attribute]) -> [Attribute] {
    attributes.filter { $0.type.isFreeOfReferences }.map { attribute in
      var copy = attribute
      copy.committedType = nil
      return copy
    }
  }

  /// Everything below an object of the source, under a name of its own.
  mutating func copy(_ object: Document.ObjectID, as name: Name, in parent: Document.ObjectID = 0) {
    guard document.group(parent)?.links.contains(where: { $0.name == name }) == false else {
      return
    }
    var waiting = [(object, name, parent)]
    while let (object, name, parent) = waiting.popLast() {
      if let copied = copies[object] {
        link(name, in: parent, to: copied)
        continue
      }
      guard source.objects.indices.contains(object) else { continue }
      switch source.objects[object] {
      case .dataset(let dataset):
        guard dataset.type.isFreeOfReferences else { continue }
        copies[object] = link(name, in: parent, to: .dataset(Self.free(dataset)))
      case .committedType(let type):
        copies[object] = link(
          name, in: parent,
          to: .committedType(CommittedType(type: type.type, attributes: Self.free(type.attributes)))
        )
      case .group(let group):
        var empty = Group()
        empty.attributes = Self.free(group.attributes)
        let made = link(name, in: parent, to: .group(empty))
        copies[object] = made
        for inner in group.links {
          if case .hard(let target) = inner.target { waiting.append((target, inner.name, made)) }
        }
      }
    }
  }

  mutating func set(_ attributes: [Attribute], on object: Document.ObjectID) {
    guard case .group(var group) = document.objects[object] else { return }
    for attribute in Self.free(attributes)
    where !group.attributes.contains(where: { $0.name == attribute.name }) {
      group.attributes.append(attribute)
    }
    document.objects[object] = .group(group)
  }

  /// The document, its links and attributes in order of name.
  func finished() -> Document {
    var done = document
    for i in done.objects.indices {
      guard case .group(var group) = done.objects[i] else { continue }
      group.links.sort { $0.name < $1.name }
      group.attributes.sort { $0.name < $1.name }
      done.objects[i] = .group(group)
    }
    return done
  }
}

extension Datatype {
  fileprivate var isFreeOfReferences: Bool {
    switch self {
    case .objectReference: false
    case .compound(_, let members): members.allSatisfy { $0.type.isFreeOfReferences }
    case .array(let base, _), .sequence(let base): base.isFreeOfReferences
    default: true
    }
  }
}

extension Attribute {
  /// A text as h5py writes one: a scalar of variable length in UTF-8.
  static func text(_ name: Name, _ text: String) -> Attribute {
    Attribute(
      name: name, type: .variableString(padding: .nullTerminated, isUTF8: true), space: .scalar,
      value: portable([Array(text.utf8)]))
  }

  /// A list of names as Keras keeps it: one attribute, or numbered ones where it would be over
  /// 64,512 bytes in the object's header; an empty list as h5py stores one, float64 of shape (0,).
  static func names(_ name: String, _ names: [Name]) -> [Attribute] {
    if names.isEmpty {
      return [
        Attribute(name: Name(name), type: .float(.init(ieee: 8)), space: .simple([0]), value: [])
      ]
    }
    // A variable-length string takes 16 bytes in the header.
    let most = 64_512 / 16
    let parts = stride(from: 0, to: names.count, by: most).map {
      Array(names[$0..<min(names.count, $0 + most)])
    }
    return parts.enumerated().map { i, part in
      Attribute(
        name: Name(parts.count == 1 ? name : "\(name)\(i)"),
        type: .variableString(padding: .nullTerminated, isUTF8: true), space: .simple([part.count]),
        value: portable(part.map(\.bytes)))
    }
  }

  private static func portable(_ texts: [[UInt8]]) -> [UInt8] {
    var value: [UInt8] = []
    for text in texts {
      var rest = text.count + 1
      while rest >= 0x80 {
        value.append(UInt8(rest & 0x7F) | 0x80)
        rest >>= 7
      }
      value.append(UInt8(rest))
      value += text
    }
    return value
  }
}
