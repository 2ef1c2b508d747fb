extension BenchSizeReport: Report {
  public func text(width: Int?, color: Bool) -> String {
    let pruned = sparsity.map { ", as if pruned to \(percent($0.achieved))" } ?? ""
    return headline(
      "\(visible(file)) (\(container), \(byteSize(bytes)))\(pruned)", .bold, width: width,
      color: color) + "\n" + table.text(width: width, color: color)
      + notesText(remarks, width: width, color: color)
  }

  public var line: String {
    let pruned = sparsity.map { " at \(percent($0.achieved))" } ?? ""
    let places = rows.sorted { $0.bytes < $1.bytes }.map {
      "\($0.title) \(byteSize($0.bytes))"
    }
    return "\(visible(file))\(pruned): " + places.joined(separator: ", ")
  }

  private var table: Table {
    var table = Table(columns: [
      .name("stored as", comfortable: 20, least: 10), .number("bytes"), .number("÷ limit"),
      .number("tensors", rank: 4), .number("of plain", rank: 3), .number("MB/s in", rank: 2), .number("MB/s out", rank: 1),
      .number("read", rank: 5),
    ])
    func cells(
      _ title: String, _ bytes: Int, tensors: Int? = nil, _ packing: Double?, _ unpacking: Double?,
      _ reading: Double? = nil
    ) -> [Table.Cell] {
      [
        Table.Cell(title), Table.Cell(grouped(bytes)),
        Table.Cell(ratioToLimit(bytes).map { fixed($0, places: 3, grouped: true) } ?? "–"),
        Table.Cell(tensors.map(grouped) ?? "–"), Table.Cell(percent(share(bytes, of: plainBytes))),
        Table.Cell(packing.flatMap(rate).map(megabytes) ?? "–"),
        Table.Cell(unpacking.flatMap(rate).map(megabytes) ?? "–"),
        Table.Cell(reading.flatMap(rate).map(megabytes) ?? "–"),
      ]
    }
    table.add(cells("as it is", plainBytes, nil, nil))
    // Of those that hold the same.
    let smallest = rows.filter(\.isWhole).map(\.bytes).min()
    for row in rows {
      table.add(
        cells(
          row.title, row.bytes, tensors: row.tensorBytes, row.packSeconds, row.unpackSeconds,
          row.readSeconds),
        paint: row.isWhole && row.bytes == smallest ? .good : nil)
    }
    table.addTotal(cells("zeroth-order limit", Int(limit.rounded()), nil, nil))
    return table
  }

  /// To three figures: a rate is not known better.
  private func megabytes(_ rate: Double) -> String {
    let value = rate / 1e6
    return fixed(value, places: value < 9.995 ? 2 : value < 99.95 ? 1 : 0, grouped: true)
  }

  /// What is compared with what, and what could not be.
  private var remarks: [String] {
    var remarks = [
      "MB/s are megabytes of decoded tensors (\(byteSize(decodedBytes))) a second, medians of "
        + "\(counted(rounds, "round")), files in cache, nothing synced, \"read\" into memory alone. .csrm and HDF5 are written and read in this "
        + "process on \(counted(threads, "thread")); programs run on one, their start included, Python's not",
      "the limit is of tensors of floats alone; tensors are the bytes that these take, where that can be told",
    ]
    let bare = rows.filter(\.holdsTensorsAlone).map(\.name)
    if !bare.isEmpty {
      remarks.append(
        "every row holds the whole file but \(bare.joined(separator: ", ")): tensors and nothing else")
    }
    let rounded = rows.compactMap { row in
      row.rounding.map {
        "\(row.name) by \(significant($0.meanError, digits: 2)) on average and \(significant($0.largestError, digits: 2)) at most"
      }
    }
    if !rounded.isEmpty {
      remarks.append("rounded weights are off: " + rounded.joined(separator: ", "))
    }
    if let parts = rows.compactMap(\.parts).first {
      remarks.append(
        "of each .csrm, names, attributes and configuration take \(byteSize(parts.document))")
    }
    if !leftOut.isEmpty {
      remarks.append(
        "left out: " + leftOut.map { "\($0.name) (\($0.reason))" }.joined(separator: ", "))
    }
    return remarks + notes
  }
}
