import JSON

/// What `--values` did to the weights of a model: a part of the reports of `pack`, `convert`, `prune`
/// and `finetune`.
public struct ValuesReport: Sendable, Equatable {
  /// As it was typed.
  public var asked: String
  public var tensors: [Tensor] = []
  /// Samples that the worth of errors was taken on; nil where all are worth the same.
  public var samples: Int?
  /// How precisions were found, with `--values auto`.
  public var search: Search?

  /// A search for the precisions that hold a metric.
  public struct Search: Sendable, Equatable {
    /// Rows that they were chosen on, and the part of the data that these are of.
    public var rows: Int
    public var part: String
    /// How many choices were measured.
    public var trials: Int
    /// What the exact weights, and those that were chosen, give on these rows.
    public var exact: JSON.Object
    public var chosen: JSON.Object

    public init(
      rows: Int, part: String, trials: Int, exact: JSON.Object, chosen: JSON.Object
    ) {
      self.rows = rows
      self.part = part
      self.trials = trials
      self.exact = exact
      self.chosen = chosen
    }

    var json: JSON.Value {
      [
        "rows": .integer(rows), "part": .string(part), "trials": .integer(trials),
        "exact": .object(exact), "chosen": .object(chosen),
      ]
    }

    var words: String {
      let changes = exact.members.compactMap { name, before in
        chosen[name].map { "\(name) \(metricText(name, before)) → \(metricText(name, $0))" }
      }
      return "chosen on \(counted(rows, "row")) (\(part)), \(counted(trials, "trial")): "
        + changes.joined(separator: ", ")
    }
  }

  public init(asked: String) { self.asked = asked }

  /// A tensor that was rounded, or could have been.
  public struct Tensor: Sendable, Equatable {
    public var name: String
    public var count: Int
    /// `codebook:16`; `exact` where nothing would have been saved.
    public var precision: String
    /// Of values before and after.
    public var largestError: Double
    /// Of values that were not zero.
    public var meanError: Double
    /// Values that became zero.
    public var zeroed: Int
    /// Values that were past what can be held.
    public var saturated: Int
    /// Bytes that say where non-zeros are, and what they are; where an encoding does not keep them
    /// apart, positions are counted as a coder takes them that knows only how many there are.
    public var maskBytes: Double
    public var valueBytes: Double
    /// Bytes of scales, codebooks and tables.
    public var sideBytes: Int

    public init(
      name: String, count: Int, precision: String, largestError: Double, meanError: Double,
      zeroed: Int, saturated: Int, maskBytes: Double, valueBytes: Double, sideBytes: Int
    ) {
      self.name = name
      self.count = count
      self.precision = precision
      self.largestError = largestError
      self.meanError = meanError
      self.zeroed = zeroed
      self.saturated = saturated
      self.maskBytes = maskBytes
      self.valueBytes = valueBytes
      self.sideBytes = sideBytes
    }

    var bits: Bits { Bits(mask: maskBytes, values: valueBytes, side: Double(sideBytes), of: count) }
  }

  /// Bits a weight.
  struct Bits {
    var mask: Double
    var values: Double
    var side: Double

    init(mask: Double, values: Double, side: Double, of count: Int) {
      let scale = 8 / Double(max(1, count))
      (self.mask, self.values, self.side) = (mask * scale, values * scale, side * scale)
    }

    var all: Double { mask + values + side }

    var json: JSON.Value {
      [
        "mask": .double(mask), "values": .double(values), "side": .double(side),
        "all": .double(all),
      ]
    }
  }

  var bits: Bits {
    Bits(
      mask: tensors.reduce(0) { $0 + $1.maskBytes },
      values: tensors.reduce(0) { $0 + $1.valueBytes },
      side: tensors.reduce(0) { $0 + Double($1.sideBytes) }, of: tensors.reduce(0) { $0 + $1.count })
  }

  public var json: JSON.Value {
    var object = JSON.Object([
      ("asked", .string(asked)), ("bits_per_weight", bits.json),
      ("zeroed", .integer(tensors.reduce(0) { $0 + $1.zeroed })),
      ("tensors", .array(tensors.map(\.json))),
    ])
    if let search { object["search"] = search.json }
    if let samples { object["samples"] = .integer(samples) }
    return .object(object)
  }
}

extension ValuesReport.Tensor {
  var json: JSON.Value {
    [
      "name": .string(name), "count": .integer(count), "precision": .string(precision),
      "largest_error": .optional(largestError), "mean_error": .optional(meanError),
      "zeroed": .integer(zeroed), "saturated": .integer(saturated),
      "bits_per_weight": bits.json,
    ]
  }
}

extension ValuesReport {
  /// The table, for people.
  func text(width: Int?, color: Bool) -> String {
    let hasSaturated = tensors.contains { $0.saturated > 0 }
    var columns: [Table.Column] = [
      .name("values"), .word("precision"), .number("bits/weight"), .number("mask", rank: 3),
      .number("values", rank: 3), .number("side", rank: 3), .number("largest error", rank: 1),
      .number("mean error", rank: 2), .number("to zero", rank: 1),
    ]
    if hasSaturated { columns.append(.number("cut", rank: 1)) }
    var table = Table(columns: columns)
    func cells(_ bits: Bits) -> [Table.Cell] {
      [bits.all, bits.mask, bits.values, bits.side].map { Table.Cell(fixed($0, places: 3)) }
    }
    for tensor in tensors {
      var row = [Table.Cell(tensor.name), Table.Cell(tensor.precision)] + cells(tensor.bits)
      row += [
        Table.Cell(tensor.largestError > 0 ? significant(tensor.largestError) : "–"),
        Table.Cell(tensor.meanError > 0 ? significant(tensor.meanError) : "–"),
        Table.Cell(grouped(tensor.zeroed)),
      ]
      if hasSaturated { row.append(Table.Cell(grouped(tensor.saturated))) }
      table.add(row)
    }
    var totals: [Table.Cell] = ["all", ""]
    totals += cells(bits)
    totals += ["", "", Table.Cell(grouped(tensors.reduce(0) { $0 + $1.zeroed }))]
    if hasSaturated { totals.append(Table.Cell(grouped(tensors.reduce(0) { $0 + $1.saturated }))) }
    table.addTotal(totals, paint: .bold)
    let found = search.map { visible($0.words) + "\n" } ?? ""
    return table.text(width: width, color: color) + found
  }
}
