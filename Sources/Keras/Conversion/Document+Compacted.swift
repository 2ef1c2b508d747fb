import Documents

extension Document {
  /// The document without objects that the root no longer reaches, by links, types or references.
  func compacted() -> Document {
    var place = [Int?](repeating: nil, count: objects.count)
    var order: [ObjectID] = []
    var waiting: [ObjectID] = [0]
    while let object = waiting.popLast() {
      guard objects.indices.contains(object), place[object] == nil else { continue }
      place[object] = order.count
      order.append(object)
      waiting += targets(of: object).reversed()
    }
    // Values that hold references number objects inside their bytes: leave such documents whole.
    let holdsReferences = order.contains { objects[$0].holdsReferences }
    if holdsReferences { return self }
    var copy = self
    copy.objects = order.map { objects[$0].renumbered { place[$0] ?? 0 } }
    return copy
  }

  private func targets(of object: ObjectID) -> [ObjectID] {
    var found: [ObjectID] = []
    switch objects[object] {
    case .group(let group):
      for link in group.links { if case .hard(let target) = link.target { found.append(target) } }
      found += group.attributes.compactMap(\.committedType)
    case .dataset(let dataset):
      found +=
        [dataset.committedType].compactMap(\.self) + dataset.attributes.compactMap(\.committedType)
    case .committedType(let type): found += type.attributes.compactMap(\.committedType)
    }
    return found
  }
}

extension Object {
  fileprivate var holdsReferences: Bool {
    switch self {
    case .group(let group): group.attributes.contains { $0.type.holdsReferences }
    case .dataset(let dataset):
      dataset.type.holdsReferences || dataset.attributes.contains { $0.type.holdsReferences }
    case .committedType(let type): type.attributes.contains { $0.type.holdsReferences }
    }
  }

  fileprivate func renumbered(_ number: (Document.ObjectID) -> Document.ObjectID) -> Object {
    func renumbered(_ attributes: [Attribute]) -> [Attribute] {
      attributes.map { attribute in
        var copy = attribute
        copy.committedType = attribute.committedType.map(number)
        return copy
      }
    }
    switch self {
    case .group(var group):
      for i in group.links.indices {
        if case .hard(let target) = group.links[i].target {
          group.links[i].target = .hard(number(target))
        }
      }
      group.attributes = renumbered(group.attributes)
      return .group(group)
    case .dataset(var dataset):
      dataset.committedType = dataset.committedType.map(number)
      dataset.attributes = renumbered(dataset.attributes)
      return .dataset(dataset)
    case .committedType(var type):
      type.attributes = renumbered(type.attributes)
      return .committedType(type)
    }
  }
}

extension Datatype {
  fileprivate var holdsReferences: Bool {
    switch self {
    case .objectReference: true
    case .compound(_, let members): members.contains { $0.type.holdsReferences }
    case .array(let base, _), .sequence(let base): base.holdsReferences
    default: false
    }
  }
}
