extension InspectReport: Report {
  public func text(width: Int?, color: Bool) -> String {
    var text = facts.text(width: width, color: color) + "\n"
    text +=
      tensors.isEmpty
      ? "no tensors\n"
      : (showsLayers ? layerTable : tensorTable).text(width: width, color: color)
    if tensors.contains(where: { $0.structure != nil }) {
      text += "\n" + TensorStructure.table(of: sortedTensors).text(width: width, color: color)
    }
    if let histogram {
      text += "\n" + histogram.table(width: width).text(width: width, color: color)
    }
    return text + notesText(notes, width: width, color: color)
  }

  public var line: String {
    "\(visible(file)): \(container), \(byteSize(bytes)), \(grouped(parameters)) parameters, "
      + "sparsity \(percent(sparsity))"
  }

  var writer: String {
    var words = container
    if let kerasVersion { words += ", Keras \(kerasVersion)" }
    if let backend { words += " on \(backend)" }
    return words
  }

  private var facts: Facts {
    var facts = Facts(heading: file)
    facts.add("container", writer)
    facts.add("model", modelName)
    facts.add("size", "\(byteSize(bytes)) (\(grouped(bytes)) bytes): \(parts)")
    facts.add(
      "parameters",
      "\(grouped(parameters)) (\(grouped(prunable)) prunable"
        + (prunable > 0 ? ", \(percent(share(prunable, of: parameters))))" : ")"))
    facts.add("zeros", "\(grouped(zeros)) among the prunable, \(grouped(allZeros)) in all")
    facts.add("sparsity", "\(percent(sparsity)), overall \(percent(overallSparsity))")
    if nonfinite > 0 { facts.add("not finite", grouped(nonfinite), paint: .bad) }
    facts.add("estimate", estimate?.words(input: bytes))
    return facts
  }

  private var parts: String {
    let weights = modelTensors.reduce(0) { $0 + $1.storedBytes }
    let parts = [
      ("weights", weights), ("optimizer", otherBytes.optimizer),
      ("attributes", otherBytes.attributes), ("metadata", otherBytes.metadata),
    ]
    return parts.filter { $0.1 > 0 }.map { "\($0.0) \(byteSize($0.1))" }.joined(separator: ", ")
  }

  // Ranks: a terminal of 80 columns shows name, shape, type, count, zeros, sparsity and bytes; the
  // statistics come with more room.
  private var tensorTable: Table {
    let isPacked = tensors.contains { $0.encoding != nil }
    let isRounded = tensors.contains { ($0.encoding?.precision ?? "exact") != "exact" }
    var columns: [Table.Column] = [
      .name("  tensor"), .word("class", rank: 9), .word("shape", rank: 3), .word("type", rank: 4),
      .number("weights", rank: 1), .number("zeros", rank: 5), .number("sparsity"),
      .word("", rank: 8), .number("stored", rank: 2),
    ]
    if isPacked {
      columns += [
        .word("encoding", rank: 1), .number("bits/weight", rank: 4), .number("÷ limit", rank: 5),
        .number("bits/non-zero", rank: 6),
      ]
    }
    if isRounded {
      columns += [
        .word("values", rank: 2), .number("mask", rank: 8), .number("levels", rank: 8),
        .number("side", rank: 8),
      ]
    }
    columns += [
      .number("min", rank: 10), .number("max", rank: 10), .number("std", rank: 7),
    ]
    if isVerbose { columns.append(.name("left alone: why", least: 12)) }
    var table = Table(columns: columns)

    func cells(_ tensor: TensorFacts) -> [Table.Cell] {
      var cells: [Table.Cell] = [
        Table.Cell((tensor.prunable ? "• " : "  ") + tensor.name),
        Table.Cell(tensor.layerClass ?? ""), Table.Cell(shapeText(tensor.shape)),
        Table.Cell(tensor.dtype), Table.Cell(grouped(tensor.count)),
        Table.Cell(grouped(tensor.zeros)), Table.Cell(percent(tensor.sparsity)),
        Table.Cell(bar(tensor.sparsity ?? 0, width: 10), .accent),
        Table.Cell(byteSize(tensor.storedBytes)),
      ]
      if isPacked {
        let bits = tensor.encoding?.bitsPerWeight(count: tensor.count)
        cells += [
          Table.Cell(tensor.encoding?.name ?? "–"),
          Table.Cell(bits.map { fixed($0, places: 2) } ?? "–"),
          Table.Cell(tensor.encoding?.ratioToLimit.map { fixed($0, places: 3) } ?? "–"),
          Table.Cell(tensor.encoding?.bitsPerNonzero.map { fixed($0, places: 2) } ?? "–"),
        ]
      }
      if isRounded {
        let parts = tensor.encoding?.parts
        cells.append(Table.Cell(tensor.encoding?.precision ?? "–"))
        cells += [parts?.mask, parts?.values, parts?.side].map { bytes in
          Table.Cell(
            bytes.map { fixed($0 * 8 / Double(max(1, tensor.count)), places: 2) } ?? "–")
        }
      }
      cells += [tensor.minimum, tensor.maximum, tensor.standardDeviation].map { value in
        Table.Cell(value.map { significant($0) } ?? "–")
      }
      if isVerbose { cells.append(Table.Cell(tensor.reason ?? "")) }
      return cells
    }
    func summary(
      _ name: String, _ tensors: [TensorFacts], counting: Bool = true, limit: String = ""
    ) -> [Table.Cell] {
      let count = tensors.reduce(0) { $0 + $1.count }
      let zeros = tensors.reduce(0) { $0 + $1.zeros }
      let stored = tensors.reduce(0) { $0 + $1.storedBytes }
      var cells: [Table.Cell] = [
        Table.Cell(name), "", "", "", Table.Cell(grouped(count)),
        counting ? Table.Cell(grouped(zeros)) : "",
        counting ? Table.Cell(percent(share(zeros, of: count))) : "", "",
        Table.Cell(byteSize(stored)),
      ]
      if isPacked {
        let packed = tensors.reduce(0) { $0 + ($1.encoding?.bytes ?? 0) }
        let whole = tensors.allSatisfy { $0.encoding != nil }
        cells += [
          "",
          Table.Cell(
            whole ? share(packed, of: count).map { fixed($0 * 8, places: 2) } ?? "–" : "–"),
          Table.Cell(limit), "",
        ]
      }
      return cells
        + [Table.Cell](repeating: "", count: (isVerbose ? 4 : 3) + (isRounded ? 4 : 0))
    }

    for tensor in sortedTensors where isVerbose || !tensor.isOptimizer {
      table.add(cells(tensor), paint: tensor.prunable ? nil : .dim)
    }
    let optimizer = optimizerTensors
    if !isVerbose, !optimizer.isEmpty {
      table.add(
        summary("  optimizer (\(grouped(optimizer.count)))", optimizer, counting: false),
        paint: .dim)
    }
    // Of all tensors there is no such ratio: of ten values, the limit is one that no coder reaches.
    table.addTotal(
      summary("• prunable", prunableTensors, limit: limitText(prunableTensors)), paint: .bold)
    table.addTotal(summary("  whole model", modelTensors))
    return table
  }

  /// What tensors take, against their limits together.
  private func limitText(_ tensors: [TensorFacts]) -> String {
    let limits = tensors.compactMap { $0.encoding?.limit }
    guard limits.count == tensors.count, limits.reduce(0, +) > 0 else { return "–" }
    let bytes = tensors.reduce(0) { $0 + ($1.encoding?.bytes ?? 0) }
    return fixed(Double(bytes) / limits.reduce(0, +), places: 3)
  }

  private var layerTable: Table {
    var table = Table(columns: [
      .name("layer"), .word("class", rank: 3), .number("tensors", rank: 5),
      .number("weights", rank: 2),
      .number("prunable", rank: 1), .number("zeros", rank: 4), .number("sparsity"),
      .word("", rank: 6), .number("stored", rank: 3),
    ])
    for layer in layers {
      table.add(
        [
          Table.Cell(layer.layer ?? "(no layer)"), Table.Cell(layer.layerClass ?? ""),
          Table.Cell(grouped(layer.tensors)), Table.Cell(grouped(layer.count)),
          Table.Cell(grouped(layer.prunable)), Table.Cell(grouped(layer.zeros)),
          Table.Cell(percent(layer.sparsity)),
          Table.Cell(bar(layer.sparsity ?? 0, width: 10), .accent),
          Table.Cell(byteSize(layer.storedBytes)),
        ], paint: layer.prunable > 0 ? nil : .dim)
    }
    table.addTotal(
      [
        "all layers", "", Table.Cell(grouped(modelTensors.count)), Table.Cell(grouped(parameters)),
        Table.Cell(grouped(prunable)), Table.Cell(grouped(zeros)), Table.Cell(percent(sparsity)),
        "", Table.Cell(byteSize(modelTensors.reduce(0) { $0 + $1.storedBytes })),
      ], paint: .bold)
    return table
  }
}
