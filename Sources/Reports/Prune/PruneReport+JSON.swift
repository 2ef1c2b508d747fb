import JSON

extension PruneReport {
  public var json: JSON.Value {
    var object = JSON.Object([
      ("schema", .string(Self.schema)), ("command", .object(command)),
      ("version", .string(version)), ("seed", .integer(seed)), ("threads", .integer(threads)),
      ("input", input.json), ("output", output?.json ?? .null),
      ("plan", .array(plan.map(\.json))), ("sparsity", sparsity.json),
      ("steps", .array(steps.map(\.json))), ("sizes", sizes.json),
      ("metrics", metrics?.json ?? .null), ("tensors", .array(tensors.map(\.json))),
      ("seconds", .optional(seconds)),
    ])
    if let training { object["training"] = .object(training) }
    if let calibration { object["calibration"] = calibration.json }
    if let values { object["values"] = values.json }
    if !leftAlone.isEmpty { object["left_alone"] = .array(leftAlone.map(\.json)) }
    if !notes.isEmpty { object["notes"] = .strings(notes) }
    return .object(object)
  }

  /// One record a tensor.
  public var csv: CSV {
    var csv = CSV(columns: [
      "file", "name", "shape", "count", "kept", "sparsity", "sparsity_before", "encoding", "bytes",
    ])
    for tensor in tensors {
      csv.add([
        .text(input.file), .text(tensor.name), .shape(tensor.shape), .integer(tensor.count),
        .integer(tensor.kept), .optional(tensor.sparsity), .optional(tensor.sparsityBefore),
        .optional(tensor.encoding), .optional(tensor.bytes),
      ])
    }
    return csv
  }
}

extension PruneReport.PlannedStep {
  var json: JSON.Value {
    ["step": .integer(step), "target": .optional(target), "epochs_max": .integer(epochsMax)]
  }
}

extension PruneReport.Sparsity {
  var json: JSON.Value {
    [
      "target": .optional(target), "achieved": .optional(achieved), "pruned": .integer(pruned),
      "kept": .integer(kept), "of": .integer(of), "before": .integer(before),
    ]
  }
}

extension PruneReport.Step {
  var json: JSON.Value {
    [
      "step": .integer(step), "target": .optional(target), "achieved": .optional(achieved),
      "epochs": .integer(epochs), "seconds": .optional(seconds), "before": .optional(before),
      "after": .optional(after),
    ]
  }
}

extension PruneReport.Metrics {
  var json: JSON.Value {
    ["dense": .optional(dense), "pruned": .optional(pruned), "read_back": .optional(readBack)]
  }
}

extension PruneReport.Tensor {
  var json: JSON.Value {
    [
      "name": .string(name), "shape": .shape(shape), "count": .integer(count),
      "kept": .integer(kept), "sparsity": .optional(sparsity),
      "sparsity_before": .optional(sparsityBefore), "encoding": .optional(encoding),
      "bytes": .optional(bytes),
    ]
  }
}

extension PruneReport.LeftAlone {
  var json: JSON.Value { ["name": .string(name), "reason": .string(reason)] }
}

extension JSON.Value {
  static func optional(_ object: JSON.Object?) -> JSON.Value {
    object.map(JSON.Value.object) ?? .null
  }
}
