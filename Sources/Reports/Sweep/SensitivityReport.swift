import JSON
import Studies

/// What each layer loses by itself: schema `coppice.sensitivity/1`.
public struct SensitivityReport: Sendable, Equatable {
  public static let schema = "coppice.sensitivity/1"

  public var file: String
  public var data: String
  /// The rows measured on: `validation` or `test`.
  public var part: String
  public var criterion: String
  public var metric: String
  public var found: LayerSensitivity
  public var seconds: Double
  public var notes: [String] = []

  public init(
    file: String, data: String, part: String, criterion: String, metric: String,
    _ found: LayerSensitivity, seconds: Double
  ) {
    self.file = file
    self.data = data
    self.part = part
    self.criterion = criterion
    self.metric = metric
    self.found = found
    self.seconds = seconds
  }

  /// How much worse than the dense model: above 0 is worse, whichever way the metric goes.
  func loss(_ cell: LayerSensitivity.Cell) -> Double? {
    guard let value = cell.metrics[metric], let dense = found.dense[metric] else { return nil }
    return Monitor(metric).direction == .rises ? dense - value : value - dense
  }

  func words(_ value: Double?) -> String {
    value.map { metricText(metric, .double($0)) } ?? "–"
  }
}

extension SensitivityReport: Report {
  public var json: JSON.Value {
    let rows = found.rows.map { row -> JSON.Value in
      [
        "tensor": .string(row.tensor), "count": .integer(row.count),
        "cells": .array(
          zip(found.ratios, row.cells).map { ratio, cell in
            [
              "ratio": .double(ratio), "zeros": .integer(cell.zeros),
              "metrics": .object(cell.metrics.values),
            ]
          }),
      ]
    }
    var object = JSON.Object([
      ("schema", .string(Self.schema)), ("file", .string(file)), ("data", .string(data)),
      ("part", .string(part)), ("criterion", .string(criterion)), ("metric", .string(metric)),
      ("dense", .object(found.dense.values)), ("tensors", .array(rows)),
      ("seconds", .optional(seconds)),
    ])
    if !notes.isEmpty { object["notes"] = .strings(notes) }
    return .object(object)
  }

  /// One record a tensor and ratio.
  public var csv: CSV {
    var csv = CSV(columns: ["file", "tensor", "count", "ratio", "zeros", "metric", "value"])
    for row in found.rows {
      for (ratio, cell) in zip(found.ratios, row.cells) {
        csv.add([
          .text(file), .text(row.tensor), .integer(row.count), .number(ratio),
          .integer(cell.zeros), .text(metric), .optional(cell.metrics[metric]),
        ])
      }
    }
    return csv
  }

  public func text(width: Int?, color: Bool) -> String {
    var facts = Facts(heading: file)
    facts.add("dense", "\(metric) \(words(found.dense[metric]))")
    facts.add("measured on", "\(data), \(part) rows")
    facts.add("pruned by", "\(criterion), one tensor at a time")
    facts.add("time", duration(seconds))
    var table = Table(
      columns: [.name("tensor"), .number("weights", rank: 1)]
        + found.ratios.map { .number(percent($0, places: 0)) })
    for row in found.rows {
      table.add(
        [Table.Cell(row.tensor), Table.Cell(grouped(row.count))]
          + row.cells.map { Table.Cell(words($0.metrics[metric])) })
    }
    return facts.text(width: width, color: color) + "\n" + table.text(width: width, color: color)
      + notesText(notes, width: width, color: color)
  }

  public var line: String {
    "\(visible(file)): \(counted(found.rows.count, "tensor")) at "
      + "\(counted(found.ratios.count, "ratio"))\(worst), \(duration(seconds))"
  }

  /// What comes of the tensor that costs most.
  private var worst: String {
    let cells = found.rows.flatMap { row in
      zip(found.ratios, row.cells).map { (tensor: row.tensor, ratio: $0, cell: $1) }
    }
    let losses = cells.filter { loss($0.cell)?.isFinite == true }
    guard let most = losses.max(by: { (loss($0.cell) ?? 0) < (loss($1.cell) ?? 0) }) else {
      return ""
    }
    return ", \(metric) \(words(found.dense[metric])), at worst "
      + "\(words(most.cell.metrics[metric])) with \(visible(most.tensor)) at \(percent(most.ratio))"
  }

  /// The heat map of `--plot`: the deeper, the more is lost.
  public var plot: Figure {
    let losses = found.rows.flatMap(\.cells).compactMap(loss).filter(\.isFinite)
    let map = HeatMap(
      heading: "\(metric), with one tensor pruned",
      columns: found.ratios.map { percent($0, places: 0) },
      rows: found.rows.map { row in
        HeatMap.Row(
          name: row.tensor,
          fields: row.cells.map { ($0.metrics[metric], loss($0) ?? 0) },
          detail: "of \(grouped(row.count))")
      }, most: losses.max() ?? 0, words: { words($0) }, columnTitle: "sparsity",
      emptyWords: "Nothing in this file is prunable.")
    return Figure(
      title: "\(file): what each tensor loses by itself",
      subtitle: "dense: \(words(found.dense[metric])) · \(criterion) · \(part) rows of \(data)",
      summary: "\(metric) of \(counted(found.rows.count, "tensor")) pruned one at a time.",
      charts: [map])
  }
}
