import Documents
import Files

/// Files of user data.
public enum Datasets {
  /// Opens the data at `path`: HDF5, `.npz`, `.npy`, IDX or a table as text, each of them gzip'd or
  /// not, recognised by content.
  ///
  /// Values stay where they lie until rows are read; what lies compressed is unpacked once, into
  /// memory up to 64 MiB and else into a temporary file. Throws `DataError`.
  public static func open(
    _ path: String, _ options: DataOptions = DataOptions()
  ) throws(DataError) -> DataSet {
    try options.check(path)
    let contents = try DataContents.open(path, options)
    var notes = contents.notes
    var sets = try self.sets(of: contents, path, options, turn: 0, &notes)
    if let testFile = options.testFile {
      // The file named for it is the test part; what the first one has of its own stands back.
      let kept = sets.filter { $0.role != .test }
      guard !kept.isEmpty else {
        throw .usage(
          file: path, what: "holds a test part alone, and --test-data names another",
          advice: "Name one of them.")
      }
      if kept.count < sets.count { notes.append("the test part of \(path) is not used") }
      let test = try DataContents.open(testFile, options)
      notes += test.notes
      var found = try self.sets(of: test, testFile, options, turn: 1, &notes)
      found.sort { rank($0.role) < rank($1.role) }
      sets =
        kept + [
          ArraySet(
            role: .test, inputs: found[0].inputs, targets: found[0].targets,
            weights: found[0].weights)
        ]
    }
    if let name = options.sampleWeights.first, sets.allSatisfy({ $0.weights == nil }) {
      throw .noArray(file: path, name: name, present: contents.names, isAsked: true)
    }
    return try DataSet(
      path: path, format: contents.format, sets: sets, options: options, notes: notes)
  }

  /// Which set of a test file is meant: its test part, else what it has.
  private static func rank(_ role: ArraySet.Role) -> Int {
    switch role {
    case .test: 0
    case .whole: 1
    case .train: 2
    }
  }

  /// The sets of one file. `turn` counts the files: labels and weights that lie in files of their own
  /// are named in that order.
  private static func sets(
    of contents: DataContents, _ path: String, _ options: DataOptions, turn: Int,
    _ notes: inout [String]
  ) throws(DataError) -> [ArraySet] {
    switch contents.arrays {
    case .named(let arrays):
      return try NamedArrays(arrays, file: path).sets(options)
    case .table(let inputs, let label, let weights):
      return [
        ArraySet(
          role: .whole, inputs: inputs.map { ArraySet.Member(place: $0.place, array: $0.array) },
          targets: label.map { [ArraySet.Member(place: $0.place, array: $0.array)] } ?? [],
          weights: weights.map { ArraySet.Member(place: nil, array: $0) })
      ]
    case .single(let array):
      guard options.x.isEmpty else {
        throw .usage(
          file: path, what: "holds one array without a name, and --x names one",
          advice: "Leave --x out.")
      }
      let options = try options.naming(path) { FileIdentity($0) != nil }
      var targets: [ArraySet.Member] = []
      if options.y.indices.contains(turn) {
        targets = [try onlyArray(options.y[turn], of: "labels", option: "--y")]
      } else if let beside = labelsBeside(path, contents.format, &notes) {
        targets = [try onlyArray(beside, of: "labels", option: "--y")]
      }
      var weights: ArraySet.Member?
      if options.sampleWeights.indices.contains(turn) {
        weights = try onlyArray(
          ArrayName(array: options.sampleWeights[turn]), of: "weights", option: "--sample-weight")
      }
      return [
        ArraySet(
          role: .whole, inputs: [ArraySet.Member(place: nil, array: array)],
          targets: targets, weights: weights)
      ]
    }
  }

  /// The labels that lie beside IDX images under the name that belongs to them.
  private static func labelsBeside(
    _ path: String, _ format: DataFormat, _ notes: inout [String]
  ) -> ArrayName? {
    guard format == .idx, let beside = IDX.labelsPath(beside: path) else { return nil }
    let other = beside.hasSuffix(".gz") ? String(beside.dropLast(3)) : beside + ".gz"
    guard let found = [beside, other].first(where: { FileIdentity($0) != nil }) else { return nil }
    notes.append("labels are \(fileName(found)), which lies beside the images")
    return ArrayName(array: found)
  }

  /// The array of a file that holds labels or weights alone.
  private static func onlyArray(
    _ name: ArrayName, of what: String, option: String
  ) throws(DataError) -> ArraySet.Member {
    let name = name.asPath
    let contents = try DataContents.open(name.array, DataOptions())
    switch contents.arrays {
    case .single(let array): return ArraySet.Member(place: name.place, array: array)
    case .named(let arrays) where arrays.count == 1:
      return ArraySet.Member(place: name.place, array: arrays[0])
    case .table(_, let label?, _):
      return ArraySet.Member(place: name.place, array: label.array)
    case .table(let inputs, nil, _) where inputs.count == 1:
      return ArraySet.Member(place: name.place, array: inputs[0].array)
    case .named, .table:
      throw .usage(
        file: name.array, what: "holds several arrays, and \(what) are one",
        advice: "Give \(option) a .npy or IDX file of \(what).")
    }
  }
}
