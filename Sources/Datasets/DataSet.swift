import Documents

/// A user's data, opened: what is there, cut into parts.
public struct DataSet: Sendable {
  /// The file, as it was named.
  public let path: String
  /// The file that the test part lies in; `path`, where it has no file of its own.
  private let testPath: String
  public let format: DataFormat
  /// What there is to train on, without the rows kept for validation. Nil where the file is a test
  /// part alone.
  public private(set) var train: DataPart?
  /// Nil where no share was asked for.
  public private(set) var validation: DataPart?
  public private(set) var test: DataPart?
  /// All rows, training ones first.
  public private(set) var all: DataPart
  /// The part that `--split` names.
  public private(set) var evaluation: DataPart
  /// How the file was understood, where that had to be guessed: a line each.
  public private(set) var notes: [String]

  /// Cuts `sets` (of `path`, and where given of the test file) into parts.
  init(
    path: String, format: DataFormat, sets: [ArraySet], options: DataOptions, notes: [String]
  ) throws(DataError) {
    for set in sets { try set.check() }
    let builder = try PartBuilder(sets, options)
    let base = sets.first { $0.role == .train } ?? sets.first { $0.role == .whole }
    let test = sets.first { $0.role == .test }
    self.path = path
    testPath = options.testFile ?? path
    self.format = format
    self.notes = notes
    self.test = try test.map { (set) throws(DataError) in try builder.part("test", [set]) }
    all = try builder.part("all", [base, test].compactMap { $0 })
    train = try base.map { (set) throws(DataError) in try builder.part("train", [set]) }
    if options.validation > 0 {
      guard let whole = train else {
        throw .usage(
          file: path, what: "has no training part to take validation rows from",
          advice: "Leave --validation out.")
      }
      let wanted = Int((Double(whole.count) * options.validation).rounded())
      guard wanted > 0, wanted < whole.count else {
        throw .usage(
          file: path,
          what: "a share of \(options.validation) of \(whole.count) rows leaves one part empty",
          advice: "Give another --validation.")
      }
      let (drawn, rest) = RowMap.drawn(wanted, of: whole.count, seed: options.seed)
      validation = whole.picking(drawn, name: "validation")
      train = whole.picking(rest, name: "train")
    }
    let chosen =
      switch options.split {
      case .automatic: self.test ?? all
      case .test: self.test
      case .train: train
      case .all: all
      }
    guard let chosen else {
      let part = options.split == .test ? "test" : "training"
      throw .usage(
        file: path, what: "has no \(part) part",
        advice: options.split == .test
          ? "Name a file with --test-data, or use --split all." : "Use --split test or all.")
    }
    evaluation = chosen
    if let words = all.targets.first?.classNames {
      let shown = words.prefix(8).map { "'\($0.printable(limit: 30))'" }.joined(separator: ", ")
      self.notes.append(
        "labels are words: \(words.count) classes in sorted order, \(shown)\(words.count > 8 ? ", …" : "")"
      )
    }
  }

  /// The file that the rows of `part` lie in, as it was named.
  public func path(of part: DataPart) -> String { part.name == "test" ? testPath : path }

  /// Throws where there are no labels.
  public func requireTargets() throws(DataError) {
    guard evaluation.targets.isEmpty else { return }
    throw .mismatch(
      file: path(of: evaluation), what: "has no labels", advice: "Name them with --y.")
  }

  /// The same data for a model: its inputs in order, labels by output.
  ///
  /// Where arrays were given for inputs or outputs by name, these decide; else arrays go in order.
  /// An axis of 1 is added or dropped and items are flattened where that alone makes shapes agree;
  /// rows of a table take any shape of as many values, since a table knows no other. With no
  /// `outputs`, labels are left as they are.
  /// Throws `DataError` naming both shapes where they do not agree.
  public func fitted(
    inputs: [ModelShape], outputs: [ModelShape] = []
  ) throws(DataError) -> DataSet {
    var set = self
    let fit = ModelFit(inputs: inputs, outputs: outputs, path: path, format: format)
    set.all = try fit.part(all)
    set.evaluation = try fit.part(evaluation)
    set.train = try train.map { (part) throws(DataError) in try fit.part(part) }
    set.validation = try validation.map { (part) throws(DataError) in try fit.part(part) }
    set.test = try test.map { (part) throws(DataError) in try fit.part(part) }
    for (input, model) in zip(set.all.inputs, inputs) where input.isFolded {
      set.notes.append(
        "rows of \(input.itemCount) values are taken as \(shapeText(input.itemShape)) for input '\(model.name.printable())'"
      )
    }
    return set
  }
}

extension DataInput {
  /// Whether flat rows were given a shape.
  fileprivate var isFolded: Bool {
    storedShape.count == 1 && itemShape.count { $0 != 1 } > 1
  }
}
