import Tensors

extension PackedFile {
  /// `values` as the levels that tensor `name` is stored in, so that a tensor that was rounded once is
  /// packed again as it was; nil where the tensor has none, or some value is not one of theirs.
  ///
  /// `values` are as many as the tensor has, of its type: its own, or some of them made zero.
  public func levelled(_ name: String, _ values: TensorValues) throws -> RoundedValues? {
    guard let entry = entries.first(where: { $0.kind == .tensor && $0.name == name }),
      let map = entry.plane?.map, let precision = entry.rounding, entry.type == values.type,
      entry.count == values.count
    else { return nil }
    guard try TensorStatistics.measure(values)?.nonfinite == 0 else { return nil }
    let found = try RoundedValues(
      RoundingInput(file: self.name, name: name, values: values, shape: entry.shape), precision,
      map)
    return found.loss.isNone ? found : nil
  }
}
