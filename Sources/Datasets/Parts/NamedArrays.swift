import Documents

/// The sets of a file whose arrays have names.
///
/// A name given is the array itself, or what comes before `_train` and `_test`. A name that ends so
/// says which part it is.
struct NamedArrays {
  private let file: String
  private let arrays: [StoredArray]

  init(_ arrays: [StoredArray], file: String) {
    self.arrays = arrays
    self.file = file
  }

  /// One set, or a training and a test set.
  func sets(_ options: DataOptions) throws(DataError) -> [ArraySet] {
    let options = try options.naming(file, isNamed)
    guard options.sampleWeights.count < 2 else {
      throw .usage(
        file: file, what: "rows have one weight, and \(options.sampleWeights.count) arrays of them are named",
        advice: "Give --sample-weight once.")
    }
    let inputs = try inputNames(options)
    let targets = options.y.isEmpty ? defaultTargets(for: inputs) : options.y
    var sets: [ArraySet] = []
    for role in [ArraySet.Role.train, .test, .whole] {
      let found = inputs.map { find($0.array, role, isAsked: !options.x.isEmpty) }
      guard found.contains(where: { $0 != nil }) else { continue }
      // The whole of a file is what is there when its parts are not.
      if role == .whole, !sets.isEmpty { break }
      sets.append(
        ArraySet(
          role: role, inputs: try members(inputs, found, isAsked: !options.x.isEmpty),
          targets: try self.targets(targets, role, options),
          weights: weights(options.sampleWeights.first, role, isFirst: sets.isEmpty)))
    }
    guard !sets.isEmpty else {
      throw missing(inputs[0].array, isAsked: !options.x.isEmpty)
    }
    return sets
  }

  /// Whether an array is called so, or begins so and ends as a part does.
  private func isNamed(_ name: String) -> Bool {
    ["", "_train", "_test"].contains { array(named: name + $0) != nil }
  }

  /// What rows of a part weigh: by the array that the user named, else by `sample_weight`. One whose
  /// name says no part goes with the first, which is the one to train on.
  private func weights(
    _ asked: String?, _ role: ArraySet.Role, isFirst: Bool
  ) -> ArraySet.Member? {
    var found = find(asked ?? "sample_weight", role, isAsked: false)
    if let asked, found == nil, isFirst, Self.part(of: asked) == .whole {
      found = array(named: asked)
    }
    guard let found, asked != nil || found.isNumeric else { return nil }
    return ArraySet.Member(place: nil, array: found)
  }

  /// The part that the end of a name says; the whole where it says none.
  private static func part(of name: String) -> ArraySet.Role {
    let lower = name.lowercased()
    return lower.hasSuffix("_train") ? .train : lower.hasSuffix("_test") ? .test : .whole
  }

  private func inputNames(_ options: DataOptions) throws(DataError) -> [ArrayName] {
    if !options.x.isEmpty { return options.x }
    let roles = [ArraySet.Role.train, .test, .whole]
    func isThere(_ name: String) -> Bool {
      roles.contains { find(name, $0, isAsked: false) != nil }
    }
    if options.modelInputs.count > 1, options.modelInputs.allSatisfy(isThere) {
      return options.modelInputs.map { ArrayName(place: $0, array: $0) }
    }
    // A file of one array leaves no choice.
    let numeric = arrays.filter(\.isNumeric)
    if !isThere("x"), let only = numeric.first, arrays.count == 1 {
      return [ArrayName(array: only.name)]
    }
    return [ArrayName(array: "x")]
  }

  /// The labels' names that go with the inputs' own: `y`, with the same ending as theirs.
  private func defaultTargets(for inputs: [ArrayName]) -> [ArrayName] {
    let name = inputs[0].array
    for ending in ["_train", "_test"] where name.lowercased().hasSuffix(ending) {
      return array(named: "y" + ending).map { [ArrayName(array: $0.name)] } ?? []
    }
    let roles = [ArraySet.Role.train, .test, .whole]
    return roles.contains { find("y", $0, isAsked: false) != nil } ? [ArrayName(array: "y")] : []
  }

  private func members(
    _ names: [ArrayName], _ found: [StoredArray?], isAsked: Bool
  ) throws(DataError) -> [ArraySet.Member] {
    var members: [ArraySet.Member] = []
    for (name, array) in zip(names, found) {
      guard let array else { throw missing(name.array, isAsked: isAsked) }
      members.append(ArraySet.Member(place: name.place, array: array))
    }
    return members
  }

  /// Labels of a part may be missing where they were not asked for.
  private func targets(
    _ names: [ArrayName], _ role: ArraySet.Role, _ options: DataOptions
  ) throws(DataError) -> [ArraySet.Member] {
    let isAsked = !options.y.isEmpty
    let found = names.map { find($0.array, role, isAsked: isAsked) }
    if !isAsked, found.contains(where: { $0 == nil }) { return [] }
    return try members(names, found, isAsked: isAsked)
  }

  /// The array of that name for a part of the file.
  private func find(_ name: String, _ role: ArraySet.Role, isAsked: Bool) -> StoredArray? {
    let ending = Self.part(of: name)
    let exact = array(named: name)
    if exact != nil, ending != .whole { return ending == role ? exact : nil }
    // The user's own word stands before what it could be the beginning of.
    if isAsked, exact != nil { return role == .whole ? exact : nil }
    return role == .whole ? exact : array(named: "\(name)_\(role.rawValue)")
  }

  /// By name, or where nothing has it, by name without regard to case.
  private func array(named name: String) -> StoredArray? {
    if let exact = arrays.first(where: { $0.name == name }) { return exact }
    let alike = arrays.filter { $0.name.lowercased() == name.lowercased() }
    return alike.count == 1 ? alike[0] : nil
  }

  private func missing(_ name: String, isAsked: Bool) -> DataError {
    .noArray(file: file, name: name, present: arrays.map(\.name), isAsked: isAsked)
  }
}
