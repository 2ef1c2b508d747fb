#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `-Σ t·ln p` over the classes. Class numbers and one-hot vectors give the same, so both of Keras's
/// classes are here.
///
/// Probabilities are divided by their sum and clipped to 1e-7…1-1e-7, as `keras.ops` does. (Keras on
/// TensorFlow finds the logits behind a softmax when it is not run eagerly, and then does not clip:
/// its loss is larger where a model is sure and wrong.) With label smoothing s, t is
/// `t·(1 - s) + s/classes`.
struct CategoricalCrossentropy: Loss {
  static let names = [
    "CategoricalCrossentropy", "categorical_crossentropy", "SparseCategoricalCrossentropy",
    "sparse_categorical_crossentropy",
  ]
  static let meaning = LossMeaning.classes

  let fromLogits: Bool
  let ignoredClass: Int?
  private let smoothing: Double

  init(_ settings: LossSettings) throws(LossFault) {
    try settings.checkAxis()
    fromLogits = try settings.flag("from_logits")
    smoothing = try settings.share("label_smoothing")
    ignoredClass = try settings.int("ignore_class")
  }

  func values(of items: Items, into values: UnsafeMutablePointer<Double>) {
    for item in 0..<items.count {
      values[item] = fromLogits ? logits(items, item) : probabilities(items, item)
    }
  }

  private func probabilities(_ items: Items, _ item: Int) -> Double {
    var sum = 0.0
    for place in 0..<items.width { sum += items.output(item, place) }
    if case .classes(let numbers) = items.targets, smoothing == 0 {
      return -log(Probability.clipped(items.output(item, Int(numbers[item])) / sum))
    }
    var loss = 0.0
    for place in 0..<items.width {
      let t = smoothed(items, item, place)
      // Of a NaN among outputs that do not count, nothing is to be hidden.
      if t != 0 || !sum.isFinite {
        loss -= t * log(Probability.clipped(items.output(item, place) / sum))
      }
    }
    return loss
  }

  private func logits(_ items: Items, _ item: Int) -> Double {
    let whole = Probability.logSumExp(items, item)
    if case .classes(let numbers) = items.targets, smoothing == 0 {
      return whole - items.output(item, Int(numbers[item]))
    }
    var loss = 0.0
    for place in 0..<items.width {
      let t = smoothed(items, item, place)
      if t != 0 { loss += t * (whole - items.output(item, place)) }
    }
    return loss
  }

  @inline(__always)
  private func smoothed(_ items: Items, _ item: Int, _ place: Int) -> Double {
    items.target(item, place) * (1 - smoothing) + smoothing / Double(items.width)
  }
}
