import JSON

/// Loss, accuracy and so on of a model before it was packed and after.
public struct PackedMetrics: Sendable, Equatable {
  public var input: JSON.Object
  /// Of the output, read back; where nothing was written, of what it would hold.
  public var output: JSON.Object?

  public init(input: JSON.Object, output: JSON.Object?) {
    self.input = input
    self.output = output
  }

  var json: JSON.Value { ["input": .object(input), "output": .optional(output)] }

  /// A row a figure.
  func text(width: Int?, color: Bool) -> String {
    var table = Table(columns: [
      .name("on the data"), .number("input"), .number("output"), .number("change"),
    ])
    for (name, before) in input.members where name != "total" {
      let after = output?[name]
      table.add([
        Table.Cell(name), Table.Cell(metricText(name, before)),
        Table.Cell(after.map { metricText(name, $0) } ?? "–"),
        Table.Cell(after.map { changeText(name, from: before, to: $0) } ?? "–"),
      ])
    }
    return table.text(width: width, color: color)
  }
}
