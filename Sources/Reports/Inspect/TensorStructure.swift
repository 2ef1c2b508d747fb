import JSON

/// Zeros that come in whole lines or in N:M groups: what hardware and structured pruning can use.
public struct TensorStructure: Sendable, Equatable {
  /// Lines along one axis: how many there are, and how many hold nothing but zeros.
  public struct Lines: Sendable, Equatable {
    public var total: Int
    public var zero: Int

    public init(total: Int, zero: Int) {
      self.total = total
      self.zero = zero
    }
  }

  /// Groups of `m` neighbours along the input axis; a group complies when at most `n` of them are
  /// not zero.
  public struct Pattern: Sendable, Equatable {
    public var n: Int
    public var m: Int
    public var groups: Int
    public var compliant: Int

    public init(n: Int, m: Int, groups: Int, compliant: Int) {
      self.n = n
      self.m = m
      self.groups = groups
      self.compliant = compliant
    }
  }

  /// Of the tensor seen as a matrix, as pruning and packing see it.
  public var rows: Lines?
  public var columns: Lines?
  /// Of a convolution: one filter for each output channel, one channel for each input channel.
  public var filters: Lines?
  public var channels: Lines?
  public var patterns: [Pattern]

  public init(
    rows: Lines? = nil, columns: Lines? = nil, filters: Lines? = nil, channels: Lines? = nil,
    patterns: [Pattern] = []
  ) {
    self.rows = rows
    self.columns = columns
    self.filters = filters
    self.channels = channels
    self.patterns = patterns
  }

  var lines: [(name: String, lines: Lines?)] {
    [("rows", rows), ("columns", columns), ("filters", filters), ("channels", channels)]
  }

  var json: JSON.Value {
    var object = JSON.Object()
    for (name, lines) in lines {
      guard let lines else { continue }
      object[name] = .integer(lines.total)
      object["zero_" + name] = .integer(lines.zero)
    }
    object["nm"] = .array(
      patterns.map { pattern in
        [
          "n": .integer(pattern.n), "m": .integer(pattern.m), "groups": .integer(pattern.groups),
          "compliant": .integer(pattern.compliant),
        ]
      })
    return .object(object)
  }

  /// A row for each tensor that has a structure; columns that no tensor has are left out.
  static func table(of tensors: [TensorFacts]) -> Table {
    let found = tensors.compactMap { tensor in tensor.structure.map { (tensor.name, $0) } }
    let axes = ["rows", "columns", "filters", "channels"].enumerated().filter { index, _ in
      found.contains { $0.1.lines[index].lines != nil }
    }
    var patterns: [(n: Int, m: Int)] = []
    for pattern in found.flatMap(\.1.patterns)
    where !patterns.contains(where: { $0.n == pattern.n && $0.m == pattern.m }) {
      patterns.append((pattern.n, pattern.m))
    }
    var table = Table(
      columns: [.name("tensor")] + axes.map { .number("zero " + $0.element, rank: 1) }
        + patterns.map { .number("\($0.n):\($0.m)", rank: 2) })
    for (name, structure) in found {
      let lines = axes.map { axis -> Table.Cell in
        guard let lines = structure.lines[axis.offset].lines else { return "–" }
        return Table.Cell(
          "\(grouped(lines.zero)) of \(grouped(lines.total))", lines.zero > 0 ? nil : .dim)
      }
      let shares = patterns.map { wanted -> Table.Cell in
        let pattern = structure.patterns.first { $0.n == wanted.n && $0.m == wanted.m }
        let isWhole = pattern.map { $0.compliant == $0.groups && $0.groups > 0 } ?? false
        return Table.Cell(
          percent(pattern.flatMap { share($0.compliant, of: $0.groups) }), isWhole ? .good : nil)
      }
      table.add([Table.Cell(name)] + lines + shares)
    }
    return table
  }
}
