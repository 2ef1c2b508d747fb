import Documents

/// The weights of a model by layer and variable, wherever the file keeps them.
struct StoredWeights {
  struct Variable {
    /// The group below the layer's in a Keras 3 file.
    var group: String
    var name: String
    var dataset: Dataset
    var isTrainable: Bool
    /// Only Keras 3 files hold it.
    var isAlias: Bool
  }
  struct Leaf {
    var groups: [String]
    var layer: String
    var inside: String?
    /// A shared layer that was written under another name already.
    var isSecond: Bool
    var variables: [Variable]
  }
  struct Entry {
    var name: Name
    var leaves: [Leaf]
    /// Places of the variables in the order of legacy files.
    var legacyOrder: [(leaf: Int, variable: Int)]
  }

  var entries: [Entry] = []
  /// Variables of the model itself.
  var own: [(name: String, dataset: Dataset)] = []
  /// State of the optimizer, in order.
  var optimizer: [Dataset] = []

  /// Throws where a variable cannot be found, or a layer is of a class whose variables are not
  /// known.
  init(_ reading: ModelReader.Reading, blueprint: Blueprint, path: String) throws(KerasError) {
    let document = reading.listing.document
    let assigned = reading.listing.assigned
    var first: [Blueprint.Identity: [Variable]] = [:]
    var number = 0
    for entry in blueprint.entries {
      var made = Entry(
        name: reading.listing.storedNames[entry.name] ?? entry.name, leaves: [], legacyOrder: [])
      for leaf in entry.leaves {
        defer { number += 1 }
        guard let slots = leaf.slots else {
          throw .cannotConvert(
            path: path,
            why:
              "which variables layer '\(leaf.layer.printable())' has (class "
              + "\(leaf.className.printable())) is not known, nor where another layout keeps them",
            advice: "Save the model in that layout with Keras.")
        }
        var variables: [Variable] = []
        for (i, slot) in slots.enumerated() {
          guard let object = assigned[.init(leaf: number, slot: i)],
            let dataset = document.dataset(object)
          else { continue }
          variables.append(
            Variable(
              group: slot.group, name: slot.name, dataset: dataset,
              isTrainable: slot.isTrainable && leaf.isTrainable,
              isAlias: slot.isAlias))
        }
        let earlier = first[leaf.identity]
        if variables.isEmpty, let earlier { variables = earlier }
        let needed = slots.count { !$0.isAlias }
        guard variables.count(where: { !$0.isAlias }) == needed || leaf.allowsMore else {
          throw .cannotConvert(
            path: path, why: "not all weights of layer '\(leaf.layer.printable())' were found",
            advice: "Inspect lists what is there.")
        }
        if earlier == nil, needed > 0 { first[leaf.identity] = variables }
        made.leaves.append(
          Leaf(
            groups: leaf.groups, layer: leaf.layer, inside: leaf.inside, isSecond: earlier != nil,
            variables: variables))
      }
      made.addAliases(entry)
      made.order(entry)
      entries.append(made)
    }
    let placed = Set(assigned.values)
    for tensor in reading.listing.tensors {
      guard let dataset = document.dataset(tensor.object), !placed.contains(tensor.object) else {
        continue
      }
      if tensor.role == .optimizer {
        optimizer.append(dataset)
      } else if tensor.layer == LegacyReader.modelWeights.description
        || tensor.path.hasPrefix(reading.listing.prefix + "vars/")
      {
        own.append((GuessedMeaning.variable(in: Name(tensor.name)), dataset))
      } else if tensor.isWeight {
        throw .cannotConvert(
          path: path, why: "nothing says where another layout keeps \(tensor.name.printable())",
          advice: "Save the model in that layout with Keras.")
      }
    }
  }
}

extension StoredWeights.Entry {
  /// Legacy files hold a wrapped kernel once, Keras 3 wants it again under the wrapper.
  fileprivate mutating func addAliases(_ entry: Blueprint.Entry) {
    for (i, leaf) in entry.leaves.enumerated() {
      guard let slot = leaf.slots?.first, slot.isAlias,
        !leaves[i].variables.contains(where: \.isAlias),
        let wrapped = leaves[(i + 1)...].first(where: { $0.layer == leaf.layer }),
        let kernel = wrapped.variables.first
      else { continue }
      leaves[i].variables.insert(
        StoredWeights.Variable(
          group: slot.group, name: slot.name, dataset: kernel.dataset,
          isTrainable: slot.isTrainable, isAlias: true),
        at: 0)
    }
  }

  /// Trainable variables first, then the others, as `Blueprint.Entry.legacyOrder` has them.
  fileprivate mutating func order(_ entry: Blueprint.Entry) {
    var trainable: [(leaf: Int, variable: Int)] = []
    var others: [(leaf: Int, variable: Int)] = []
    for (i, leaf) in leaves.enumerated() {
      for (j, variable) in leaf.variables.enumerated() where !variable.isAlias {
        if entry.isTrainable && variable.isTrainable {
          trainable.append((i, j))
        } else {
          others.append((i, j))
        }
      }
    }
    legacyOrder = trainable + others
  }
}
