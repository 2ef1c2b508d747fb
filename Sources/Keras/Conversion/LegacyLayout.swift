import Documents

/// Lays weights out as the legacy HDF5 formats keep them (keras-files.md, section 2).
enum LegacyLayout {
  /// Fills the group `root` with a group a layer.
  static func write(
    _ weights: StoredWeights, version: String, backend: String, into builder: inout DocumentBuilder,
    root: Document.ObjectID
  ) {
    builder.set(
      Attribute.names("layer_names", weights.entries.map(\.name))
        + [.text("backend", backend), .text("keras_version", version)],
      on: root)
    for entry in weights.entries {
      let group = builder.group(at: DocumentBuilder.components(entry.name), from: root)
      var names: [Name] = []
      for place in entry.legacyOrder {
        let leaf = entry.leaves[place.leaf]
        let variable = leaf.variables[place.variable]
        names.append(
          unused(
            Name(
              ([leaf.layer] + [leaf.inside].compactMap(\.self) + [variable.name]).joined(
                separator: "/")), names))
        if let name = names.last {
          builder.add(variable.dataset, at: DocumentBuilder.components(name), from: group)
        }
      }
      builder.set(Attribute.names("weight_names", names), on: group)
    }
    let own = builder.group(at: [LegacyReader.modelWeights], from: root)
    builder.set(Attribute.names("weight_names", weights.own.map { Name($0.name) }), on: own)
    for (name, dataset) in weights.own { builder.add(dataset, at: [Name(name)], from: own) }
  }

  /// Layer names may hold slashes, so that two names could lead to one place.
  private static func unused(_ name: Name, _ taken: [Name]) -> Name {
    taken.contains(name) ? Name("\(name)_\(taken.count)") : name
  }

  static func writeOptimizer(_ weights: StoredWeights, into builder: inout DocumentBuilder) {
    guard !weights.optimizer.isEmpty else { return }
    let group = builder.group(at: [OptimizerState.legacyGroup])
    let names = weights.optimizer.indices.map { Name("variable_\($0)") }
    builder.set(Attribute.names("weight_names", names), on: group)
    for (name, dataset) in zip(names, weights.optimizer) {
      builder.add(dataset, at: [name], from: group)
    }
  }
}
