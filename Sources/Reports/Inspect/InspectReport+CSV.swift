extension InspectReport {
  /// One record a tensor, or a layer with `--layers`; the columns are the fields of the JSON.
  public var csv: CSV { showsLayers ? layerCSV : tensorCSV }

  private var tensorCSV: CSV {
    var csv = CSV(columns: [
      "file", "name", "path", "layer", "class", "role", "shape", "dtype", "count", "zeros",
      "sparsity", "min", "max", "mean", "std", "abs_mean", "nan", "inf", "prunable", "bytes",
      "stored_bytes", "stored_as", "encoding", "bits_per_weight", "bits_per_nonzero",
      "ratio_to_limit", "precision",
    ])
    for tensor in sortedTensors {
      csv.add([
        .text(file), .text(tensor.name), .text(tensor.path), .optional(tensor.layer),
        .optional(tensor.layerClass), .text(tensor.role), .shape(tensor.shape),
        .text(tensor.dtype), .integer(tensor.count), .integer(tensor.zeros),
        .optional(tensor.sparsity), .optional(tensor.minimum), .optional(tensor.maximum),
        .optional(tensor.mean), .optional(tensor.standardDeviation),
        .optional(tensor.absoluteMean), .integer(tensor.nan), .integer(tensor.inf),
        .boolean(tensor.prunable), .integer(tensor.bytes), .integer(tensor.storedBytes),
        .text(tensor.storedAs), .optional(tensor.encoding?.name),
        .optional(tensor.encoding?.bitsPerWeight(count: tensor.count)),
        .optional(tensor.encoding?.bitsPerNonzero), .optional(tensor.encoding?.ratioToLimit),
        .optional(tensor.encoding?.precision),
      ])
    }
    return csv
  }

  private var layerCSV: CSV {
    var csv = CSV(columns: [
      "file", "layer", "class", "tensors", "count", "prunable", "zeros", "sparsity", "bytes",
      "stored_bytes",
    ])
    for layer in layers {
      csv.add([
        .text(file), .optional(layer.layer), .optional(layer.layerClass), .integer(layer.tensors),
        .integer(layer.count), .integer(layer.prunable), .integer(layer.zeros),
        .optional(layer.sparsity), .integer(layer.bytes), .integer(layer.storedBytes),
      ])
    }
    return csv
  }
}

extension CSV.Field {
  /// `3x3x16x32`; empty for a scalar.
  static func shape(_ shape: [Int]) -> Self { .text(shape.map(String.init).joined(separator: "x")) }
}
