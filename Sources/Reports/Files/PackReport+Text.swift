extension PackReport: Report {
  public func text(width: Int?, color: Bool) -> String {
    var facts = Facts(
      heading: input.file + (output.map { " → \($0.file)" } ?? " (nothing written)"))
    let change = (ratio ?? 1) >= 1 ? "\(factor(ratio)) smaller" : "larger than the input"
    facts.add(
      "size", "\(byteSize(input.bytes)) → \(byteSize(bytes)) (\(grouped(bytes)) bytes), \(change)")
    facts.add(
      "of it",
      "tensors \(byteSize(tensors.reduce(0) { $0 + $1.bytes })), "
        + "document \(byteSize(documentBytes)), directory \(byteSize(directoryBytes))")
    if bytesExact { facts.add("bytes exact", "unpack gives back this very file") }
    if negativeZeros > 0 {
      let saves = canonicalZeroSaves.map {
        $0 > 0 ? ": --canonical-zero saves \(byteSize($0))" : ""
      }
      facts.add(
        "-0.0", counted(negativeZeros, "element") + (saves ?? ""), paint: .warning)
    }
    facts.add("time", duration(seconds))
    return facts.text(width: width, color: color)
      + (metrics.map { "\n" + $0.text(width: width, color: color) } ?? "")
      + "\n" + table.text(width: width, color: color)
      + (values.map { "\n" + $0.text(width: width, color: color) } ?? "")
      + notesText(notes, width: width, color: color)
  }

  public var line: String {
    let name = output.map { visible($0.file) } ?? "nothing written"
    return "\(visible(input.file)): \(byteSize(input.bytes)) → \(byteSize(bytes)), "
      + ((ratio ?? 1) >= 1 ? "\(factor(ratio)) smaller" : "larger") + ", \(name)"
  }

  private var table: Table {
    var table = Table(columns: [
      .name("tensor", comfortable: 30), .word("shape", rank: 5), .word("type", rank: 4),
      .number("weights", rank: 2),
      .number("zeros", rank: 3), .word("encoding"), .number("stored"),
      .number("bits/weight", rank: 1),
    ])
    for tensor in tensors {
      table.add([
        Table.Cell(tensor.name), Table.Cell(shapeText(tensor.shape)), Table.Cell(tensor.dtype),
        Table.Cell(grouped(tensor.count)), Table.Cell(percent(tensor.sparsity)),
        Table.Cell(tensor.encoding), Table.Cell(byteSize(tensor.bytes)),
        Table.Cell(tensor.bitsPerWeight.map { fixed($0, places: 2) } ?? "–"),
      ])
    }
    let count = tensors.reduce(0) { $0 + $1.count }
    let nonzeros = tensors.reduce(0) { $0 + $1.nonzeros }
    let stored = tensors.reduce(0) { $0 + $1.bytes }
    table.addTotal(
      [
        "all", "", "", Table.Cell(grouped(count)),
        Table.Cell(percent(share(count - nonzeros, of: count))), "", Table.Cell(byteSize(stored)),
        Table.Cell(share(stored, of: count).map { fixed($0 * 8, places: 2) } ?? "–"),
      ], paint: .bold)
    return table
  }
}
