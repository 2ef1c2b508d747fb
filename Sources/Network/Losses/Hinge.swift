/// The mean of `max(1 - t·y, 0)` over the values of an item; a target of 0 means -1.
struct Hinge: Loss {
  static let names = ["Hinge", "hinge"]
  static let meaning = LossMeaning.decisions
  var labels: LabelRange? { .signs }

  let isMargin = true

  init(_ settings: LossSettings) throws(LossFault) {}

  func values(of items: Items, into values: UnsafeMutablePointer<Double>) {
    items.means(into: values) { y, t in max(1 - SignedLabel.of(t) * y, 0) }
  }

  func gradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    items.slopes(weights: weights, scale: scale, into: gradient) { y, t in
      let label = SignedLabel.of(t)
      // The corner itself counts as inside, as TensorFlow's maximum has it.
      return 1 - label * y < 0 ? 0 : y.isNaN ? y : -label
    }
  }
}

/// Labels of -1 and 1, as hinges take them.
enum SignedLabel {
  /// -1 for 0. Keras turns labels over where a whole batch holds nothing but 0 and 1; a label of 0
  /// beside one of -1 means nothing, so what the rest of the batch holds need not be asked.
  @inline(__always)
  static func of(_ label: Double) -> Double { label == 0 ? -1 : label }
}
