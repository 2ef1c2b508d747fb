import JSON

/// What pruning and packing did to the size of the file, beside what gzip alone would have done.
public struct SizeTable: Sendable, Equatable {
  /// The input file.
  public var input: Int
  /// The input through `gzip -9`.
  public var inputGzip9: Int?
  /// The input without its optimizer state; nil where it has none, or it was not worked out.
  public var withoutOptimizer: Int?
  /// The pruned file in the input's own container, through `gzip -9`.
  public var prunedGzip9: Int?
  /// The output file; nil when nothing was written or predicted.
  public var output: Int?

  public init(
    input: Int, inputGzip9: Int? = nil, withoutOptimizer: Int? = nil, prunedGzip9: Int? = nil,
    output: Int? = nil
  ) {
    self.input = input
    self.inputGzip9 = inputGzip9
    self.withoutOptimizer = withoutOptimizer
    self.prunedGzip9 = prunedGzip9
    self.output = output
  }

  /// Input ÷ output: how many times smaller the output is. `--require ratio>=` reads this.
  public var ratio: Double? { output.flatMap { share(input, of: $0) } }

  var json: JSON.Value {
    [
      "input": .integer(input), "input_gzip9": .optional(inputGzip9),
      "without_optimizer": .optional(withoutOptimizer), "pruned_gzip9": .optional(prunedGzip9),
      "output": .optional(output), "ratio": .optional(ratio),
    ]
  }

  /// `outputName` says what the output is: `output (csrm)`.
  func table(outputName: String) -> Table {
    var table = Table(columns: [
      .name("size", least: 10), .number("bytes"), .number("", rank: 2),
      .number("of input", rank: 1),
    ])
    func add(_ name: String, _ bytes: Int?, _ paint: Paint? = nil) {
      guard let bytes else { return }
      table.add(
        [
          Table.Cell(name), Table.Cell(grouped(bytes)), Table.Cell(byteSize(bytes)),
          Table.Cell(percent(share(bytes, of: input))),
        ], paint: paint)
    }
    add("input", input)
    add("input, gzip -9", inputGzip9)
    add("no optimizer state", withoutOptimizer)
    add("pruned, gzip -9", prunedGzip9)
    add(outputName, output, .bold)
    return table
  }

  func text(outputName: String, width: Int?, color: Bool) -> String {
    var text = table(outputName: outputName).text(width: width, color: color)
    if let ratio {
      text += words(for: ratio, color: color) + "\n"
    }
    return text
  }

  private func words(for ratio: Double, color: Bool) -> String {
    let smaller = factor(ratio)
    if smaller == factor(1) { return "as large as the input" }
    return ratio > 1
      ? Paint.good("\(smaller) smaller than the input", color: color)
      : Paint.warning("\(factor(1 / ratio)) larger than the input", color: color)
  }
}
