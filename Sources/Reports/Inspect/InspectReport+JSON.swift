import JSON

extension InspectReport {
  public var json: JSON.Value {
    var object = JSON.Object([
      ("schema", .string(Self.schema)), ("file", .string(file)), ("container", .string(container)),
      ("keras_version", .optional(kerasVersion)), ("backend", .optional(backend)),
      ("model_name", .optional(modelName)), ("bytes", .integer(bytes)),
      ("parameters", .integer(parameters)), ("prunable", .integer(prunable)),
      ("zeros", .integer(zeros)), ("sparsity", .optional(sparsity)),
      ("overall_sparsity", .optional(overallSparsity)), ("nonfinite", .integer(nonfinite)),
      ("tensors", .array(sortedTensors.map(\.json))),
      ("other_bytes", otherBytes.json),
    ])
    if showsLayers { object["layers"] = .array(layers.map(\.json)) }
    object["histogram"] = histogram?.json
    object["estimate"] = estimate?.json(input: bytes)
    if !notes.isEmpty { object["notes"] = .strings(notes) }
    return .object(object)
  }
}

extension InspectReport.OtherBytes {
  var json: JSON.Value {
    [
      "optimizer": .integer(optimizer), "attributes": .integer(attributes),
      "metadata": .integer(metadata),
    ]
  }
}
