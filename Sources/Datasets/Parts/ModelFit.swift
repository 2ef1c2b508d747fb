import Documents

/// Puts arrays and a model's inputs and outputs together.
struct ModelFit {
  let inputs: [ModelShape]
  let outputs: [ModelShape]
  let path: String
  let format: DataFormat

  func part(_ part: DataPart) throws(DataError) -> DataPart {
    let chosen = try assign(part.inputs, to: inputs)
    var fitted: [DataInput] = []
    for (input, model) in zip(chosen, inputs) {
      fitted.append(try input.fitted(to: model, allowsFolding: format == .csv))
    }
    return DataPart(
      name: part.name, inputs: fitted, targets: try targets(of: part),
      weights: part.weights, rows: part.rows, files: part.files)
  }

  /// The data's inputs in the order of the model's.
  private func assign(
    _ given: [DataInput], to wanted: [ModelShape]
  ) throws(DataError) -> [DataInput] {
    let names = wanted.map { $0.name.printable() }.joined(separator: ", ")
    guard given.contains(where: { $0.place != nil }) else {
      guard given.count == wanted.count else {
        throw .mismatch(
          file: path,
          what:
            "gives \(given.count) input\(given.count == 1 ? "" : "s"), and the model has \(wanted.count) (\(names))",
          advice: "Name an array for each: --x input=array.")
      }
      return given
    }
    if let stray = given.first(where: { input in !wanted.contains { $0.name == input.place } }) {
      throw .usage(
        file: path,
        what: "the model has no input '\(stray.name.printable())' (it has \(names))",
        advice: "Check the names given with --x.")
    }
    var ordered: [DataInput] = []
    for model in wanted {
      guard let input = given.first(where: { $0.place == model.name }) else {
        throw .usage(
          file: path, what: "no array is given for input '\(model.name.printable())' of the model",
          advice: "Name one: --x \(model.name.printable())=array.")
      }
      ordered.append(input)
    }
    return ordered
  }

  /// Labels by output. Outputs may go without where the user named those that have labels.
  private func targets(of part: DataPart) throws(DataError) -> [DataTarget] {
    guard !outputs.isEmpty, !part.targets.isEmpty else { return part.targets }
    let names = outputs.map { $0.name.printable() }.joined(separator: ", ")
    let areNamed = part.targets.contains { $0.place != nil }
    guard areNamed || part.targets.count == outputs.count else {
      throw .mismatch(
        file: path,
        what:
          "gives \(part.targets.count) array\(part.targets.count == 1 ? "" : "s") of labels, and the model has \(outputs.count) outputs (\(names))",
        advice: "Say which output they are for: --y output=array.")
    }
    var fitted: [DataTarget] = []
    for (place, target) in part.targets.enumerated() {
      let output = areNamed ? outputs.firstIndex { $0.name == target.place } : place
      guard let output else {
        throw .usage(
          file: path,
          what: "the model has no output '\(target.name.printable())' (it has \(names))",
          advice: "Check the names given with --y.")
      }
      fitted.append(try target.fitted(to: outputs[output], output: output))
    }
    return fitted.sorted { $0.output < $1.output }
  }
}
