import Documents

/// Which columns of a table are features, which is the label, and which says what rows weigh.
struct TableColumns {
  struct Input {
    /// The model's input, where the user named it.
    let place: String?
    let name: String
    let columns: [Int]
  }

  let names: [String]
  let inputs: [Input]
  let label: Int?
  /// The model's output that the label is for, where the user named it.
  let labelPlace: String?
  let weights: Int?
  private(set) var notes: [String] = []

  init(_ names: [String], _ options: DataOptions, file: String) throws(DataError) {
    let options = try options.naming(file) { names.contains($0) }
    func index(_ name: String) throws(DataError) -> Int {
      let found = names.indices.filter { names[$0] == name }
      guard found.count < 2 else {
        throw .mismatch(
          file: file, what: "has two columns called '\(name.printable())'", advice: "Rename one.")
      }
      guard let column = found.first else {
        throw .noArray(file: file, name: name, present: names, isAsked: true)
      }
      return column
    }
    guard options.y.count < 2 else {
      throw .usage(
        file: file, what: "a table has one column of labels, and \(options.y.count) are named",
        advice: "Put several outputs into one .npz or HDF5 file.")
    }
    guard options.sampleWeights.count < 2 else {
      throw .usage(
        file: file, what: "a table has one column of weights, and \(options.sampleWeights.count) are named",
        advice: "Give --sample-weight once.")
    }
    var chosen: [Int] = []
    for name in options.x { chosen.append(try index(name.array)) }
    let weights = try options.sampleWeights.first.map { (name) throws(DataError) in
      try index(name)
    }
    // pandas writes the numbers of rows into a first column without a name.
    let isNumbered = chosen.isEmpty && names.count > 1 && names[0].isEmpty
    let others = names.indices.filter {
      !chosen.contains($0) && $0 != weights && !(isNumbered && $0 == 0)
    }
    let label: Int?
    if let name = options.y.first {
      label = try index(name.array)
    } else if let known = Self.knownLabel(names, among: others) {
      label = try index(names[known])
    } else if chosen.isEmpty, others.count > 1 {
      label = others.last
    } else {
      label = nil
    }
    guard label.map({ !chosen.contains($0) }) ?? true else {
      throw .usage(
        file: file, what: "one column is named as feature and as label",
        advice: "Check --x and --y.")
    }
    guard weights.map({ !chosen.contains($0) && $0 != label }) ?? true else {
      throw .usage(
        file: file, what: "the column of weights is named as feature or label, too",
        advice: "Check --x, --y and --sample-weight.")
    }
    self.names = names
    self.label = label
    self.weights = weights
    labelPlace = options.y.first?.place
    let features = chosen.isEmpty ? others.filter { $0 != label } : chosen
    guard !features.isEmpty else {
      throw .mismatch(
        file: file, what: "has no column besides the labels", advice: "Name the columns with --x.")
    }
    if options.x.contains(where: { $0.place != nil }) {
      inputs = zip(options.x, chosen).map {
        Input(place: $0.0.place, name: names[$0.1], columns: [$0.1])
      }
    } else {
      let name = features.count == 1 ? names[features[0]] : "features"
      inputs = [Input(place: nil, name: name, columns: features)]
    }
    if isNumbered {
      notes.append("the first column has no name: taken for row numbers and left out")
    }
    if let label, options.y.isEmpty {
      notes.append("labels are column '\(names[label].printable())'")
    }
  }

  private static func knownLabel(_ names: [String], among columns: [Int]) -> Int? {
    for known in CSV.labelNames {
      if let column = columns.first(where: { names[$0].lowercased() == known }) { return column }
    }
    return nil
  }
}
