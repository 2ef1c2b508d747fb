/// Rows of data: the training part of a file, its test part, or all of it.
public struct DataPart: Sendable {
  /// `train`, `validation`, `test` or `all`.
  public let name: String
  /// Rows.
  public var count: Int { rows.count }
  public let inputs: [DataInput]
  /// Empty where there are no labels.
  public let targets: [DataTarget]

  /// What rows weigh in a loss, of each set; empty where all weigh 1.
  let weights: [NumberRows]
  let rows: RowMap
  /// The file of each set that the part is made of.
  let files: [String]

  init(
    name: String, inputs: [DataInput], targets: [DataTarget], weights: [NumberRows] = [],
    rows: RowMap, files: [String]
  ) {
    self.name = name
    self.inputs = inputs
    self.targets = targets
    self.weights = weights
    self.rows = rows
    self.files = files
  }

  /// Some rows of this part, under another name.
  func picking(_ places: [Int], name: String) -> DataPart {
    DataPart(
      name: name, inputs: inputs, targets: targets, weights: weights, rows: rows.picking(places),
      files: files)
  }

  /// `wanted` rows of this part, at most all of them, drawn by `seed` without regard to classes; in
  /// the order of the part.
  public func drawnRows(_ wanted: Int, seed: UInt64) -> [Int] {
    RowMap.drawn(min(wanted, count), of: count, seed: seed).drawn
  }

  /// Whether there is an array that says what rows weigh.
  public var hasWeights: Bool { !weights.isEmpty }

  /// The name of that array; nil where there is none.
  public var weightsName: String? { weights.first?.name }

  /// What each row weighs in a loss. Throws where a weight is negative, NaN or infinite.
  public func readWeights() throws(DataError) -> [Float] {
    var values = [Float](repeating: 1, count: count)
    try values.withUnsafeMutableBufferPointer { (values) throws(DataError) in
      guard let start = values.baseAddress else { return }
      try readWeights(rows: 0..<count, isRandom: false, into: start)
    }
    return values
  }

  /// The same for some rows, in any order if `isRandom` says so, one number a row.
  func readWeights<Rows: RandomAccessCollection<Int>>(
    rows: Rows, isRandom: Bool, into values: UnsafeMutablePointer<Float>
  ) throws(DataError) {
    try self.rows.forEachRun(of: rows) { (set, run, before) throws(DataError) in
      try weights[set].read(
        run, isRandom: isRandom, allowsNonfinite: false, into: values + before)
      guard let bad = run.first(where: { values[before + $0 - run.lowerBound] < 0 }) else {
        return
      }
      throw .badValue(
        file: weights[set].file, array: weights[set].name, row: bad, what: "a weight is negative",
        advice: "Weights are 0 or more.")
    }
  }

  /// Writes items of input `index` to `floats`, row after row: `rows.count × itemCount` values,
  /// prepared and in the shape of `inputs[index].itemShape`.
  ///
  /// Throws `DataError` where bytes cannot be read, and where a value is NaN or infinite.
  public func read(
    _ rows: Range<Int>, input index: Int, into floats: UnsafeMutablePointer<Float>
  ) throws(DataError) {
    try read(rows: rows, isRandom: false, input: index, into: floats)
  }

  /// The same for rows in any order.
  public func read(
    _ rows: [Int], input index: Int, into floats: UnsafeMutablePointer<Float>
  ) throws(DataError) {
    try read(rows: rows, isRandom: !rows.isAscending, input: index, into: floats)
  }

  func read<Rows: RandomAccessCollection<Int>>(
    rows: Rows, isRandom: Bool, input index: Int, into floats: UnsafeMutablePointer<Float>
  ) throws(DataError) {
    let input = inputs[index]
    try self.rows.forEachRun(of: rows) { (set, run, before) throws(DataError) in
      try input.read(
        set: set, run, isRandom: isRandom, into: floats + before * input.itemCount)
    }
  }

  /// Writes the class numbers of target `index`, `positions` a row. The target has been fitted.
  ///
  /// Class numbers are taken as they are stored; of one-hot vectors and soft labels, the place of the
  /// largest. Throws `DataError.badValue` where a label is negative, out of range or no whole number,
  /// or a vector is not one-hot.
  public func readClasses(
    _ rows: Range<Int>, target index: Int, into classes: UnsafeMutablePointer<Int32>
  ) throws(DataError) {
    try readClasses(rows: rows, isRandom: false, target: index, into: classes)
  }

  /// The same for rows in any order.
  public func readClasses(
    _ rows: [Int], target index: Int, into classes: UnsafeMutablePointer<Int32>
  ) throws(DataError) {
    try readClasses(rows: rows, isRandom: !rows.isAscending, target: index, into: classes)
  }

  func readClasses<Rows: RandomAccessCollection<Int>>(
    rows: Rows, isRandom: Bool, target index: Int, into classes: UnsafeMutablePointer<Int32>
  ) throws(DataError) {
    let target = targets[index]
    precondition(target.form != nil)
    try self.rows.forEachRun(of: rows) { (set, run, before) throws(DataError) in
      try target.readClasses(
        set: set, run, isRandom: isRandom, into: classes + before * target.positions)
    }
  }

  /// Writes the values of target `index`, `positions × width` a row; class numbers become one-hot
  /// vectors. The target has been fitted.
  public func readFloats(
    _ rows: Range<Int>, target index: Int, into floats: UnsafeMutablePointer<Float>
  ) throws(DataError) {
    try readFloats(rows: rows, isRandom: false, target: index, into: floats)
  }

  /// The same for rows in any order.
  public func readFloats(
    _ rows: [Int], target index: Int, into floats: UnsafeMutablePointer<Float>
  ) throws(DataError) {
    try readFloats(rows: rows, isRandom: !rows.isAscending, target: index, into: floats)
  }

  func readFloats<Rows: RandomAccessCollection<Int>>(
    rows: Rows, isRandom: Bool, target index: Int, into floats: UnsafeMutablePointer<Float>
  ) throws(DataError) {
    let target = targets[index]
    precondition(target.form != nil)
    try self.rows.forEachRun(of: rows) { (set, run, before) throws(DataError) in
      try target.readFloats(
        set: set, run, isRandom: isRandom,
        into: floats + before * target.positions * target.width)
    }
  }
}

extension [Int] {
  var isAscending: Bool { zip(self, dropFirst()).allSatisfy { $0 < $1 } }
}
