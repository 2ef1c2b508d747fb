import Documents

extension Document {
  /// What a path leads to from a group.
  enum Destination {
    case object(ObjectID, throughSoftLink: Bool)
    /// Nothing there; the reason is ready to be said.
    case nothing(String)
  }

  /// Follows `path`, whose components a slash separates, from the group `start`. Soft links are
  /// followed up to 32 of them. Empty components and `.` stay where they are, as in HDF5.
  func resolve(_ path: Name, from start: ObjectID) -> Destination {
    var budget = 32
    return resolve(path, from: start, &budget)
  }

  private func resolve(_ path: Name, from start: ObjectID, _ budget: inout Int) -> Destination {
    var place = path.bytes.first == UInt8(ascii: "/") ? 0 : start
    var soft = false
    for component in path.bytes.split(separator: UInt8(ascii: "/"))
    where component != [UInt8(ascii: ".")] {
      guard objects.indices.contains(place), case .group(let group) = objects[place] else {
        return .nothing("missing: what should hold it is not a group but \(kindName(place))")
      }
      guard let link = group.link(named: Name(bytes: Array(component))) else {
        return .nothing("missing")
      }
      switch link.target {
      case .hard(let object): place = object
      case .soft(let target):
        guard budget > 0 else { return .nothing("missing: soft links lead in a loop") }
        budget -= 1
        soft = true
        switch resolve(target, from: place, &budget) {
        case .object(let object, _): place = object
        case .nothing(let why) where why.contains("loop"): return .nothing(why)
        case .nothing: return .nothing("missing: a dangling soft link to '\(target.printable)'")
        }
      }
    }
    guard objects.indices.contains(place) else { return .nothing("missing") }
    return .object(place, throughSoftLink: soft)
  }

  /// `a group`, `a dataset`, `a named datatype`.
  func kindName(_ object: ObjectID) -> String {
    guard objects.indices.contains(object) else { return "nothing" }
    switch objects[object] {
    case .group: return "a group"
    case .dataset: return "a dataset"
    case .committedType: return "a named datatype"
    }
  }

  func group(_ object: ObjectID) -> Group? {
    if objects.indices.contains(object), case .group(let group) = objects[object] {
      group
    } else {
      nil
    }
  }

  func dataset(_ object: ObjectID) -> Dataset? {
    if objects.indices.contains(object), case .dataset(let dataset) = objects[object] {
      dataset
    } else {
      nil
    }
  }

  /// The group that hard or soft links named `path` lead to.
  func group(at path: Name, from start: ObjectID = 0) -> ObjectID? {
    guard case .object(let object, _) = resolve(path, from: start), group(object) != nil else {
      return nil
    }
    return object
  }
}

extension Group {
  func link(named name: Name) -> Link? {
    // Links are in order of name unless their creation order was tracked.
    guard linkOrder == .untracked else { return links.first { $0.name == name } }
    var low = 0
    var high = links.count
    while low < high {
      let middle = (low + high) / 2
      if links[middle].name < name { low = middle + 1 } else { high = middle }
    }
    if low < links.count, links[low].name == name { return links[low] }
    return links.first { $0.name == name }
  }
}

/// Every way to the datasets of a document: for each the first path, as
/// `Document.datasetPaths()` gives it, and the other links to it.
struct DatasetIndex {
  struct Entry {
    var object: Document.ObjectID
    var path: String
    var aliases: [String] = []
  }
  /// In natural order of the walk: numbers in names count as numbers.
  private(set) var entries: [Entry] = []
  /// The deepest nesting of groups, the root being 0.
  private(set) var depth = 0
  private var places: [Document.ObjectID: Int] = [:]

  init(_ document: Document) {
    // A stack of its own: files with thousands of nested groups exist. Cycles end because a group
    // is entered once only.
    var stack: [(links: [Link], next: Int)] = []
    var components: [String] = []
    var entered: Set<Document.ObjectID> = [0]
    let first = document.datasetPaths()
    if let root = document.group(0) { stack.append((Self.inNaturalOrder(root.links), 0)) }
    while let (links, next) = stack.last {
      depth = max(depth, stack.count - 1)
      guard next < links.count else {
        stack.removeLast()
        if !components.isEmpty { components.removeLast() }
        continue
      }
      stack[stack.count - 1].next += 1
      guard case .hard(let target) = links[next].target, document.objects.indices.contains(target)
      else { continue }
      let name = links[next].name.description
      if let group = document.group(target) {
        guard entered.insert(target).inserted else { continue }
        components.append(name)
        stack.append((Self.inNaturalOrder(group.links), 0))
      } else if document.dataset(target) != nil {
        let path = (components + [name]).joined(separator: "/")
        if let place = places[target] {
          entries[place].aliases.append(path)
        } else {
          places[target] = entries.count
          entries.append(Entry(object: target, path: path))
        }
      }
    }
    // The walk in natural order may meet an object by another of its links first.
    for i in entries.indices {
      guard let path = first[entries[i].object], path != entries[i].path else { continue }
      entries[i].aliases.removeAll { $0 == path }
      entries[i].aliases.append(entries[i].path)
      entries[i].path = path
    }
  }

  subscript(object: Document.ObjectID) -> Entry? { places[object].map { entries[$0] } }

  private static func inNaturalOrder(_ links: [Link]) -> [Link] {
    links.map { (NaturalOrder(of: $0.name), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
  }
}

/// Names ordered as people order them: `dense_2` before `dense_10`, `9` before `10`.
struct NaturalOrder: Comparable {
  private enum Piece: Comparable {
    case number(Int)
    case text([UInt8])

    static func < (a: Piece, b: Piece) -> Bool {
      switch (a, b) {
      case (.number(let a), .number(let b)): a < b
      case (.text(let a), .text(let b)): a.lexicographicallyPrecedes(b)
      case (.number, .text): true
      case (.text, .number): false
      }
    }
  }
  private var pieces: [Piece] = []

  init(of name: Name) {
    var rest = name.bytes[...]
    func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    while let first = rest.first {
      let run = rest.prefix { isDigit($0) == isDigit(first) }
      if isDigit(first), run.count < 18 {
        pieces.append(.number(run.reduce(0) { $0 * 10 + Int($1 - 0x30) }))
      } else {
        pieces.append(.text(Array(run)))
      }
      rest = rest.dropFirst(run.count)
    }
  }

  static func < (a: NaturalOrder, b: NaturalOrder) -> Bool {
    a.pieces.lexicographicallyPrecedes(b.pieces)
  }
}
