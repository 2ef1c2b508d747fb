import Documents

/// Lists the weights of a Keras 3 weights file: a tree of attributes with `vars/0`, `vars/1`, … where
/// an object keeps its own variables (keras-files.md, section 3).
struct TreeReader {
  let blueprint: Blueprint?

  /// What Keras 2.13 called `layers`.
  static let oldList: Name = "_layer_checkpoint_dependencies"

  func list(into listing: inout TensorListing) {
    if let blueprint {
      var first: [Blueprint.Identity: [Document.ObjectID]] = [:]
      for (number, leaf) in blueprint.leaves.enumerated() { add(leaf, number, &first, &listing) }
    }
    addUnclaimed(&listing)
    listing.markAliases()
  }

  // MARK: By configuration

  private func add(
    _ leaf: Blueprint.Leaf, _ number: Int, _ first: inout [Blueprint.Identity: [Document.ObjectID]],
    _ listing: inout TensorListing
  ) {
    guard let slots = leaf.slots else { return addUnknown(leaf, &listing) }
    var objects: [Document.ObjectID] = []
    var start = 0
    while start < slots.count {
      let end = slots[start...].firstIndex { $0.group != slots[start].group } ?? slots.count
      objects += add(
        start..<end, of: slots, leaf, number, isShared: first[leaf.identity] != nil, &listing)
      start = end
    }
    if let originals = first[leaf.identity] {
      listing.markCopies(objects, of: originals)
    } else if !objects.isEmpty {
      first[leaf.identity] = objects
    }
  }

  /// Adds the variables of one `vars` group.
  private func add(
    _ range: Range<Int>, of all: [Slot], _ leaf: Blueprint.Leaf, _ number: Int, isShared: Bool,
    _ listing: inout TensorListing
  ) -> [Document.ObjectID] {
    let place = "layer '\(leaf.layer.printable())'"
    let below = all[range.lowerBound].group
    let path = leaf.groups + (below.isEmpty ? [] : [below])
    let owned = range.filter { !all[$0].isAlias }
    guard let group = find(path, in: listing.document) else {
      // A layer that another model holds too is written where it was met first.
      if !isShared {
        listing.problem(
          at: place,
          "the layer expects \(owned.count) variables, the group \(path.joined(separator: "/"))/vars is missing"
        )
      }
      return []
    }
    let variables = Variables(of: group, in: listing.document)
    if variables.count == 0, isShared { return [] }
    // Files of some versions hold an alias, others do not.
    let slots = variables.count == owned.count ? owned : Array(range)
    if let fault = variables.fault { listing.problem(at: place, fault) }
    if variables.count != slots.count, !leaf.allowsMore {
      let names = slots.map { all[$0].name }.joined(separator: ", ")
      listing.problem(
        at: place,
        "the layer expects \(slots.count) variables (\(names)), vars has \(variables.count)"
          + (variables.count < slots.count ? ": some are missing" : ""))
    }
    var objects: [Document.ObjectID] = []
    for (i, variable) in variables.numbered.enumerated() {
      if i < slots.count, variables.count == slots.count || leaf.allowsMore {
        var meaning = leaf.meaning(of: all[slots[i]])
        if all[slots[i]].isAlias {
          meaning.name += "_alias"
          meaning.isAlias = true
        }
        listing.add(variable.object, meaning)
        listing.assign(variable.object, leaf: number, slot: slots[i])
      } else {
        let name = leaf.name(of: Slot(.other, nil, name: variable.name.description))
        listing.add(
          variable.object,
          TensorListing.Meaning(
            name: name, layer: leaf.layer, layerClass: leaf.layerClass, ownerClass: leaf.className,
            role: slots.indices.contains(i) ? all[slots[i]].role : .other, isGuess: true))
      }
      objects.append(variable.object)
    }
    return objects
  }

  /// The variables of a layer of which it is not known what they are: all `vars` below its group. Of
  /// a known class (quantised, say) the first matrix is the kernel.
  private func addUnknown(_ leaf: Blueprint.Leaf, _ listing: inout TensorListing) {
    guard let group = findPlain(leaf.groups, in: listing.document) else { return }
    let isKnown = LayerCatalogue[leaf.className] != nil
    for found in VariableGroups(below: group, in: listing.document).groups {
      for (i, variable) in found.variables.numbered.enumerated()
      where !listing.isListed(variable.object) {
        let rank = listing.document.dataset(variable.object)?.space.dimensions.count ?? 0
        let role: Role =
          !isKnown ? .other : i == 0 && rank >= 2 ? .kernel : i == 1 && rank == 1 ? .bias : .other
        let last = role == .other ? variable.name.description : role.rawValue
        listing.add(
          variable.object,
          TensorListing.Meaning(
            name: ([leaf.layer] + found.path + [last]).joined(separator: "/"), layer: leaf.layer,
            layerClass: leaf.layerClass, ownerClass: leaf.className, role: role, isGuess: true))
      }
    }
  }

  /// The `vars` group of an object's group.
  private func find(_ path: [String], in document: Document) -> Document.ObjectID? {
    findPlain(path, in: document).flatMap { document.group(at: "vars", from: $0) }
  }

  private func findPlain(_ path: [String], in document: Document) -> Document.ObjectID? {
    var place: Document.ObjectID = 0
    for component in path {
      // Attributes with a property of the same name go by the property, others by the attribute.
      let other = component.hasPrefix("_") ? String(component.dropFirst()) : "_" + component
      let names = [Name(component), component == "layers" ? Self.oldList : Name(other)]
      guard let next = names.lazy.compactMap({ document.group(at: $0, from: place) }).first else {
        return nil
      }
      place = next
    }
    return place
  }

  // MARK: Without configuration

  /// Everything that the configuration does not explain: by the names of the groups.
  private func addUnclaimed(_ listing: inout TensorListing) {
    let groups = VariableGroups(below: 0, in: listing.document).groups
    for found in groups where found.path.first != "optimizer" && found.path.first != "metrics" {
      let isNew = found.variables.numbered.contains { !listing.isListed($0.object) }
      guard isNew else { continue }
      if let fault = found.variables.fault {
        listing.note("\(found.path.joined(separator: "/").printable()): \(fault)")
      }
      let guess = GroupGuess(found.path)
      let shapes = found.variables.numbered.map {
        listing.document.dataset($0.object)?.space.dimensions ?? []
      }
      let roles = guess.roles(shapes)
      if blueprint != nil {
        listing.note(
          "\(found.path.joined(separator: "/").printable()) is in the file but not in the configuration"
        )
      }
      for (i, variable) in found.variables.numbered.enumerated()
      where !listing.isListed(variable.object) {
        let isNamed = roles[i].name != nil
        listing.add(
          variable.object,
          TensorListing.Meaning(
            name: "\(guess.layer)/\(roles[i].name ?? variable.name.description)",
            layer: guess.layer,
            layerClass: guess.className, ownerClass: guess.ownerClass, role: roles[i].role,
            isGuess: !isNamed || guess.className == nil))
      }
    }
  }
}

/// The datasets of a `vars` group in the order of their numbers.
struct Variables {
  private(set) var numbered: [(name: Name, object: Document.ObjectID)] = []
  /// What is wrong with the numbers.
  private(set) var fault: String?

  var count: Int { numbered.count }

  init(of group: Document.ObjectID, in document: Document) {
    let links = document.group(group)?.links ?? []
    for link in links {
      guard case .hard(let object) = link.target, document.dataset(object) != nil else { continue }
      numbered.append((link.name, object))
    }
    numbered = numbered.map { (NaturalOrder(of: $0.name), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    for (i, variable) in numbered.enumerated() where variable.name != Name("\(i)") {
      fault = "vars has '\(variable.name.printable)' where Keras expects number \(i)"
      break
    }
  }
}

/// Every group with variables below another, in natural order, with the path to it.
struct VariableGroups {
  private(set) var groups: [(path: [String], variables: Variables)] = []
  /// Whether there is any `vars`, even an empty one.
  private(set) var hasVars = false

  init(below start: Document.ObjectID, in document: Document) {
    var stack: [(links: [Link], next: Int)] = []
    var path: [String] = []
    var entered: Set<Document.ObjectID> = [start]
    stack.append((Self.ordered(document.group(start)), 0))
    while let (links, next) = stack.last {
      guard next < links.count else {
        stack.removeLast()
        if !path.isEmpty { path.removeLast() }
        continue
      }
      stack[stack.count - 1].next += 1
      guard case .hard(let object) = links[next].target, let group = document.group(object),
        entered.insert(object).inserted
      else { continue }
      if links[next].name == "vars" {
        hasVars = true
        let variables = Variables(of: object, in: document)
        if variables.count > 0 { groups.append((path, variables)) }
      }
      path.append(links[next].name.description)
      stack.append((Self.ordered(group), 0))
    }
  }

  private static func ordered(_ group: Group?) -> [Link] {
    (group?.links ?? []).map { (NaturalOrder(of: $0.name), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
  }
}
