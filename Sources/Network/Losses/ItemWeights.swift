/// What the items of a batch weigh in a loss, as Keras counts it: sample weights × class weights, and
/// of masked outputs `total ÷ valid` so that the mean is over what is valid.
///
/// Keras's mean (`sum_over_batch_size`) divides by the items of the batch, not by the sum of the
/// weights: with `scale` = 1 ÷ items these weights give just that.
struct ItemWeights {
  /// `[classes]`; empty where all weigh 1.
  var classes: [Float] = []

  /// Writes the weights of `items`, `positions` of them a row, to `weights`; false, and nothing
  /// written, where all are 1.
  ///
  /// - Parameters:
  ///   - samples: `[rows]`
  ///   - mask: `[count]`, 0 where an item does not count.
  ///   - ignored: a class of which items do not count.
  func fill(
    _ weights: UnsafeMutablePointer<Float>, for items: Items, positions: Int,
    samples: UnsafePointer<Float>?, mask: UnsafePointer<Float>?, ignored: Int? = nil
  ) -> Bool {
    guard samples != nil || mask != nil || ignored != nil || !classes.isEmpty else { return false }
    var valid = 0
    for item in 0..<items.count {
      let isOut =
        (mask.map { $0[item] == 0 } ?? false)
        || (ignored.map { items.targetClass(item) == $0 } ?? false)
      if isOut {
        weights[item] = 0
        continue
      }
      valid += 1
      var weight = samples.map { $0[item / positions] } ?? 1
      let label = classes.isEmpty ? 0 : Self.weighedClass(of: item, in: items)
      if classes.indices.contains(label) { weight *= classes[label] }
      weights[item] = weight
    }
    guard valid < items.count, valid > 0 else { return true }
    let share = Float(Double(items.count) / Double(valid))
    for item in 0..<items.count { weights[item] *= share }
    return true
  }

  /// The class whose weight an item has. A single yes or no is its own number, cut to a whole one as
  /// Keras does; the noes of a hinge, -1, are class 0.
  private static func weighedClass(of item: Int, in items: Items) -> Int {
    if items.width == 1, case .values(let values) = items.targets {
      return values[item] >= 1 ? 1 : 0
    }
    return items.targetClass(item)
  }
}
