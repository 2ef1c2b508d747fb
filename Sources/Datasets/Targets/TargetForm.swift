/// How stored labels stand to an output of the model.
public enum TargetForm: Sendable, Hashable {
  /// A class number for every vector of the output.
  case sparse
  /// A value for every value of the output: one-hot, soft labels, or what a regression is after.
  case dense
}

extension TargetForm {
  /// How items of labels of shape `item` stand to an output of `wanted`, and the lengths of the
  /// output that they settle; nil where they do not fit.
  ///
  /// What agrees as it is comes before what agrees with axes of 1 added or dropped, and class numbers
  /// before values.
  static func of(
    item: [Int], wanted: [Int?], labels: DataOptions.Labels
  ) -> (form: TargetForm, positions: Int, width: Int?)? {
    guard let width = wanted.last else {
      return item.allSatisfy { $0 == 1 } ? (.dense, 1, 1) : nil
    }
    let leading = Array(wanted.dropLast())
    /// One number an item and one value of output: both readings are the same.
    let isSingle = width == 1
    let mayBeSparse = !isSingle && labels != .oneHot
    let mayBeDense = isSingle || labels != .sparse
    func agrees(_ item: [Int], _ wanted: [Int?]) -> Bool {
      item.count == wanted.count && zip(item, wanted).allSatisfy { $1 == nil || $1 == $0 }
    }
    if mayBeDense, agrees(item, wanted) {
      return (.dense, item.dropLast().reduce(1, *), item.last)
    }
    if mayBeSparse, agrees(item, leading) { return (.sparse, item.reduce(1, *), width) }
    if mayBeSparse, item.last == 1, agrees(item.dropLast(), leading) {
      return (.sparse, item.reduce(1, *), width)
    }
    if mayBeSparse, let shape = Adaptation(item: item, wanted: leading, layout: nil)?.shape {
      return (.sparse, shape.reduce(1, *), width)
    }
    if mayBeDense, let shape = Adaptation(item: item, wanted: wanted, layout: nil)?.shape {
      return (.dense, shape.dropLast().reduce(1, *), shape.last)
    }
    return nil
  }
}
