import Datasets
import Network
import Pruning

/// Where the rows come from that gradients are taken on: the data's training part where there is one,
/// without the rows kept for validation.
struct ScoreRows {
  let part: DataPart
  /// Nil for all rows of the part.
  var allowed: [Int]?
  /// `--score-samples`; nil takes what each criterion's authors do.
  var wanted: Int?
  let seed: UInt64

  /// Enough for the mean of gradients of a trained network.
  static let standardCount = 512
  /// Of each class, for SNIP and GraSP, as in their authors' code.
  static let standardEach = 10

  /// The rows of one kind, drawn by the seed alone.
  func draw(_ kind: Sensitivity.Rows) throws -> [Int] {
    if kind == .balanced, let classes = try part.classCount(among: allowed) {
      let each = wanted.map { max(1, $0 / max(1, classes)) } ?? Self.standardEach
      if let rows = try part.balancedRows(each, among: allowed, seed: seed) { return rows }
    }
    let count = wanted ?? Self.standardCount
    guard let allowed else { return part.drawnRows(count, seed: seed) }
    // Places in the list, by a part of as many rows.
    return RowSplit(min(count, allowed.count), of: allowed.count, seed: seed).validation.map {
      allowed[$0]
    }
  }

  /// The rows and their targets in memory; `outputs` is how many the model has.
  func read(_ rows: [Int], outputs: Int) throws -> LabelledRows {
    var targets = [LabelledRows.Target?](repeating: nil, count: outputs)
    for target in part.targets {
      targets[target.output] =
        target.hasClasses
        ? LabelledRows.Target(.classes, width: target.positions)
        : LabelledRows.Target(.values, width: target.positions * target.width)
    }
    let read = LabelledRows(
      count: rows.count, widths: part.inputs.map(\.itemCount), targets: targets)
    for (index, floats) in read.inputs.enumerated() {
      try part.read(rows, input: index, into: floats)
    }
    for (index, target) in part.targets.enumerated() {
      if let classes = read.classes[target.output] {
        try part.readClasses(rows, target: index, into: classes)
      } else if let values = read.values[target.output] {
        try part.readFloats(rows, target: index, into: values)
      }
    }
    if part.hasWeights {
      let weights = try part.readWeights()
      for (place, row) in rows.enumerated() { read.weights[place] = weights[row] }
    }
    return read
  }
}
