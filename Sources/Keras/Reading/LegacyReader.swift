import Documents

/// Lists the weights of a file of the legacy layout: a group a layer, in the order of `layer_names`
/// and `weight_names` (keras-files.md, section 2).
struct LegacyReader {
  let blueprint: Blueprint?
  /// The group with `layer_names`, and its path for messages.
  let root: Document.ObjectID
  let rootPath: String

  static let modelWeights: Name = "top_level_model_weights"

  /// A layer of the file.
  private struct Stored {
    var name: Name
    var weights: [(name: Name, object: Document.ObjectID)] = []
    /// How many names `weight_names` has, whether or not the datasets are there.
    var announced = 0
    var entry: Blueprint.Entry?
    /// Where the entry's leaves begin among all of the model's.
    var firstLeaf = 0
  }

  func list(into listing: inout TensorListing) {
    guard let group = listing.document.group(root) else { return }
    let names = NameList("layer_names", in: group.attributes)
    if let fault = names.fault { listing.problem(at: shownRoot, "layer_names \(fault)") }
    if !names.isPresent {
      listing.problem(at: shownRoot, "layer_names is missing: nothing says which layers there are")
    }
    var seen: Set<Name> = []
    var stored: [Stored] = []
    for name in names.names {
      if String(validating: name.bytes, as: UTF8.self) == nil {
        listing.problem(
          at: shownRoot, "layer_names holds the name '\(name.printable)', which is not UTF-8")
      }
      guard seen.insert(name).inserted else {
        listing.problem(
          at: shownRoot, "layer_names has the layer '\(name.printable)' twice (duplicate)")
        continue
      }
      if let layer = read(name, &listing) { stored.append(layer) }
    }
    match(&stored, &listing)
    for layer in stored { add(layer, &listing) }
    addModelWeights(group, &listing)
    markCopies(stored, &listing)
  }

  private var shownRoot: String { rootPath.isEmpty ? "the root group" : rootPath }

  /// Finds a layer's group and its datasets.
  private func read(_ name: Name, _ listing: inout TensorListing) -> Stored? {
    let place = "layer '\(name.printable)'"
    switch listing.document.resolve(name, from: root) {
    case .nothing(let why):
      listing.problem(at: place, "the layer's group is \(why)")
      return nil
    case .object(let object, let soft):
      if soft { listing.note("\(place) is reached through a soft link, which Keras 3 refuses") }
      guard listing.document.group(object) != nil else {
        listing.problem(
          at: place, "the layer is \(listing.document.kindName(object)) and not a group")
        return nil
      }
      return weights(of: name, in: object, place, &listing)
    }
  }

  private func weights(
    of name: Name, in object: Document.ObjectID, _ place: String, _ listing: inout TensorListing
  ) -> Stored {
    var stored = Stored(name: name)
    guard let group = listing.document.group(object) else { return stored }
    let list = NameList("weight_names", in: group.attributes)
    if let fault = list.fault { listing.problem(at: place, "weight_names \(fault)") }
    if !list.isPresent, group.links.contains(where: { Self.isHard($0) }) {
      listing.problem(
        at: place, "weight_names is missing: nothing says which weights the layer has")
    }
    stored.announced = list.names.count
    var seen: Set<Name> = []
    for weight in list.names {
      let shown = "\(place), weight '\(weight.printable)'"
      guard seen.insert(weight).inserted else {
        listing.problem(at: shown, "weight_names has the weight twice (duplicate)")
        continue
      }
      switch listing.document.resolve(weight, from: object) {
      case .nothing(let why): listing.problem(at: shown, "the weight's dataset is \(why)")
      case .object(let target, let soft):
        if soft { listing.note("\(shown) is reached through a soft link, which Keras 3 refuses") }
        guard listing.document.dataset(target) != nil else {
          listing.problem(
            at: shown, "the weight is \(listing.document.kindName(target)) and not a dataset")
          continue
        }
        stored.weights.append((weight, target))
      }
    }
    return stored
  }

  private static func isHard(_ link: Link) -> Bool {
    if case .hard = link.target { true } else { false }
  }

  // MARK: Layers of the file and layers of the configuration

  /// Gives every layer of the file its entry of the configuration: by name, and where Keras would
  /// load the file though names differ (as many layers with weights on both sides), by position.
  private func match(_ stored: inout [Stored], _ listing: inout TensorListing) {
    guard let blueprint else { return }
    let entries = blueprint.entries
    var byName: [Name: Int] = [:]
    for (i, entry) in entries.enumerated() { byName[entry.name] = i }
    let weighted = stored.indices.filter { stored[$0].announced > 0 }
    let expected = entries.indices.filter {
      !entries[$0].isComplete || !entries[$0].legacyOrder.isEmpty
    }
    let strangers = weighted.filter { byName[stored[$0].name] == nil }
    var taken: [(file: Int, entry: Int)] = []
    if strangers.isEmpty || weighted.count != expected.count {
      for i in weighted { if let entry = byName[stored[i].name] { taken.append((i, entry)) } }
      // Keras 1 lists the layers of merged branches one by one.
      let isMerged = entries.contains { $0.className == "Merge" }
      for i in strangers where !isMerged {
        listing.problem(
          at: "layer '\(stored[i].name.printable)'",
          "the layer is not in the configuration, so nothing takes its weights")
      }
    } else {
      if expected.allSatisfy({ entries[$0].isNamed }) {
        listing.note(
          "layers are named otherwise than in the configuration: matched by their order, as Keras does"
        )
      }
      taken = Array(zip(weighted, expected)).map { (file: $0.0, entry: $0.1) }
    }
    var starts: [Int] = []
    for entry in entries { starts.append((starts.last ?? 0) + entry.leaves.count) }
    for (file, entry) in taken {
      stored[file].entry = entries[entry]
      stored[file].firstLeaf = starts[entry] - entries[entry].leaves.count
      if entries[entry].name != stored[file].name {
        listing.storedNames[entries[entry].name] = stored[file].name
      }
    }
    for (one, next) in zip(taken, taken.dropFirst()) where next.entry < one.entry {
      listing.problem(
        at: "layer '\(stored[next.file].name.printable)'",
        "layer_names has another order than the configuration, and Keras matches layers by order")
      break
    }
    let found = Set(taken.map(\.entry))
    let silent = Set(stored.filter { $0.announced == 0 }.map(\.name))
    for i in expected where !found.contains(i) && entries[i].isComplete {
      let count = entries[i].legacyOrder.count
      listing.problem(
        at: "layer '\(entries[i].name.printable)'",
        "the layer expects \(count) weight\(count == 1 ? "" : "s"), the file has "
          + (silent.contains(entries[i].name) ? "none" : "no such layer: missing"))
    }
  }

  // MARK: Tensors

  private func add(_ layer: Stored, _ listing: inout TensorListing) {
    let order = layer.entry?.legacyOrder ?? []
    if let entry = layer.entry, entry.isComplete, layer.announced > 0,
      order.count != layer.announced
    {
      let names = order.map { entry.leaves[$0.leaf].slots?[$0.slot].name ?? "" }.joined(
        separator: ", ")
      listing.problem(
        at: "layer '\(layer.name.printable)'",
        "the layer expects \(order.count) weights (\(names)), the file lists \(layer.announced)")
    }
    let fits =
      layer.announced == layer.weights.count
      && (layer.announced == order.count
        || layer.announced > order.count
          && layer.entry.map { !$0.isComplete && $0.leaves.count == 1 } ?? false)
    for (i, weight) in layer.weights.enumerated() {
      if let entry = layer.entry, fits, i < order.count {
        let leaf = entry.leaves[order[i].leaf]
        guard let slot = leaf.slots?[order[i].slot] else { continue }
        listing.assign(weight.object, leaf: layer.firstLeaf + order[i].leaf, slot: order[i].slot)
        listing.add(
          weight.object, leaf.meaning(of: slot, storedAs: layer.name, listedAs: entry.name))
      } else {
        listing.add(weight.object, guess(weight.name, layer))
      }
    }
  }

  /// The meaning by names alone.
  private func guess(_ weight: Name, _ layer: Stored) -> TensorListing.Meaning {
    let leaf = layer.entry.flatMap { $0.leaves.count == 1 ? $0.leaves.first : nil }
    let className =
      leaf?.className ?? layer.entry?.className
      ?? LayerCatalogue.className(for: layer.name.description)
    var (role, name) = GuessedMeaning.role(of: weight, layer: layer.name)
    if className == "Embedding", role == .kernel { role = .embeddings }
    return TensorListing.Meaning(
      name: "\(layer.name)/\(name)", layer: layer.name.description, layerClass: className,
      role: role,
      isGuess: true)
  }

  /// Weights of the model itself, which belong to no layer.
  private func addModelWeights(_ group: Group, _ listing: inout TensorListing) {
    let name = Self.modelWeights
    guard let own = listing.document.group(at: name, from: root) else { return }
    let stored = weights(of: name, in: own, "top_level_model_weights", &listing)
    for weight in stored.weights where !listing.isListed(weight.object) {
      let (role, variable) = GuessedMeaning.role(of: weight.name, layer: name)
      listing.add(
        weight.object,
        TensorListing.Meaning(
          name: "\(name)/\(variable)", layer: name.description, role: role, isGuess: true))
    }
  }

  /// A layer that two nested models share is written under each, and both must stay equal.
  private func markCopies(_ stored: [Stored], _ listing: inout TensorListing) {
    var first: [Blueprint.Identity: [Document.ObjectID]] = [:]
    for layer in stored {
      guard let entry = layer.entry, entry.legacyOrder.count == layer.weights.count else {
        continue
      }
      var byLeaf: [Int: [Document.ObjectID]] = [:]
      for (place, weight) in zip(entry.legacyOrder, layer.weights) {
        byLeaf[place.leaf, default: []].append(weight.object)
      }
      for (leaf, objects) in byLeaf.sorted(by: { $0.key < $1.key }) {
        let identity = entry.leaves[leaf].identity
        guard let originals = first[identity] else {
          first[identity] = objects
          continue
        }
        listing.markCopies(objects, of: originals)
      }
    }
  }
}

extension TensorListing {
  /// Marks datasets as copies of others where they hold the same bytes.
  mutating func markCopies(_ copies: [Document.ObjectID], of originals: [Document.ObjectID]) {
    guard copies.count == originals.count else { return }
    for (copy, original) in zip(copies, originals) where copy != original {
      guard let one = place(of: copy), let other = place(of: original),
        tensors[one].shape == tensors[other].shape, tensors[one].type == tensors[other].type,
        let a = tensors[one].source, let b = tensors[other].source, (try? a.isSame(as: b)) ?? false
      else { continue }
      markCopy(one, of: other)
    }
  }
}

extension Blueprint.Leaf {
  /// What the tensor in `slot` is. A layer that the file names otherwise than the configuration goes
  /// by the file's name.
  func meaning(of slot: Slot, storedAs stored: Name? = nil, listedAs listed: Name? = nil)
    -> TensorListing.Meaning
  {
    let graphLayer = layer
    var layer = layer
    if let stored, let listed, stored != listed, Name(layer).bytes.starts(with: listed.bytes) {
      let rest = layer.utf8.dropFirst(listed.bytes.count)
      layer = stored.description + String(decoding: Array(rest), as: UTF8.self)
    }
    let name = ([layer] + (inside.map { [$0] } ?? []) + [slot.name]).joined(separator: "/")
    return TensorListing.Meaning(
      name: name, layer: layer, layerClass: layerClass, ownerClass: slot.owner ?? className,
      graphLayer: graphLayer,
      role: slot.role,
      expected: slot.shape)
  }
}
