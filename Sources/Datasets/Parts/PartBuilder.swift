import Documents

/// Makes parts of sets of arrays: the same classes for the same words in all of them.
struct PartBuilder {
  private let options: DataOptions
  /// Classes of labels that are words, by array.
  private var words: [String: (names: [String], numbers: [Int32])] = [:]

  init(_ sets: [ArraySet], _ options: DataOptions) throws(DataError) {
    self.options = options
    let outputs = sets.map(\.targets.count).max() ?? 0
    for output in 0..<outputs {
      let arrays = sets.compactMap {
        output < $0.targets.count ? $0.targets[output].array : nil
      }
      let areWords = arrays.contains { if case .strings = $0.values { true } else { false } }
      guard areWords else { continue }
      let classes = try ClassNames(arrays)
      for (array, numbers) in zip(arrays, classes.numbers) {
        words[array.key] = (classes.names, numbers)
      }
    }
  }

  /// The rows of these sets, one set after the other, up to the limit.
  func part(_ name: String, _ sets: [ArraySet]) throws(DataError) -> DataPart {
    var inputs: [DataInput] = []
    for index in sets[0].inputs.indices {
      inputs.append(try DataInput(sets.map { $0.inputs[index] }, options))
    }
    var targets: [DataTarget] = []
    if sets.allSatisfy({ $0.targets.count == sets[0].targets.count }) {
      for index in sets[0].targets.indices {
        targets.append(
          try DataTarget(sets.map { $0.targets[index] }, words: words, labels: options.labels))
      }
    }
    var weights: [NumberRows] = []
    for case let member? in sets.map(\.weights) {
      let numbers = try member.array.numbers()
      guard numbers.itemCount == 1 else {
        throw .mismatch(
          file: member.array.file,
          what:
            "weights of '\(member.array.name.printable())' are \(shapeText(numbers.itemShape)) a row, and have to be one number",
          advice: "Store one number a row.")
      }
      weights.append(numbers)
    }
    return DataPart(
      name: name, inputs: inputs, targets: targets,
      weights: weights.count == sets.count ? weights : [],
      rows: RowMap(sets.map(\.count), limit: options.limit), files: sets.map(\.file))
  }
}
