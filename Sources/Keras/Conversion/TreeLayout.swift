import Documents

/// Lays weights out as Keras 3 keeps them (keras-files.md, section 3).
enum TreeLayout {
  static func write(_ weights: StoredWeights, into builder: inout DocumentBuilder) {
    // Keras 2.15 opens the model's own group, even where it is empty.
    _ = builder.group(at: ["vars"])
    for leaf in weights.entries.flatMap(\.leaves) where !leaf.isSecond && !leaf.groups.isEmpty {
      var numbers: [String: Int] = [:]
      for variable in leaf.variables {
        let number = numbers[variable.group] ?? 0
        numbers[variable.group] = number + 1
        add(
          variable.dataset, number,
          at: leaf.groups + (variable.group.isEmpty ? [] : [variable.group]), &builder)
      }
    }
    for (number, variable) in weights.own.enumerated() {
      add(variable.dataset, number, at: [], &builder)
    }
    for (number, dataset) in weights.optimizer.enumerated() {
      add(dataset, number, at: [OptimizerState.treeGroup.description], &builder)
    }
  }

  private static func add(
    _ dataset: Dataset, _ number: Int, at path: [String], _ builder: inout DocumentBuilder
  ) {
    var dataset = dataset
    if case .opaque = dataset.type, dataset.type.elementType == .bfloat16,
      dataset.attributes.named("dtype") == nil
    {
      // What tells Keras 3 that the two bytes are a number; legacy files have nothing of the kind.
      dataset.attributes.append(.text("dtype", "bfloat16"))
    }
    builder.add(dataset, at: path.map { Name($0) } + ["vars", Name("\(number)")])
  }
}
