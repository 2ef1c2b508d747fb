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
struct CategoricalCrossentropy: LogitsLoss {
  static let takesSmoothing = true
  static let names = [
    "CategoricalCrossentropy", "categorical_crossentropy", "SparseCategoricalCrossentropy",
    "sparse_categorical_crossentropy",
  ]
  static let meaning = LossMeaning.classes
  static let activation = OutputActivation.softmax

  let fromLogits: Bool
  let ignoredClass: Int?
  private let smoothing: Double
  private let isSparse: Bool

  init(_ settings: LossSettings) throws(LossFault) {
    try settings.checkAxis()
    isSparse = settings.name.hasPrefix("sparse") || settings.name.hasPrefix("Sparse")
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

  func gradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    if fromLogits {
      items.forEachWeighted(weights, scale: scale, zeroing: gradient) { item, factor in
        if isIgnored(items, item) { return zero(items, item, gradient) }
        let whole = Probability.logSumExp(items, item)
        let row = gradient + item * items.width
        for place in 0..<items.width {
          let p = exp(items.output(item, place) - whole)
          row[place] = Float(factor * (p - smoothed(items, item, place)))
        }
      }
    } else {
      items.forEachWeighted(weights, scale: scale, zeroing: gradient) { item, factor in
        if isIgnored(items, item) { return zero(items, item, gradient) }
        if isSparse {
          clippedSlopes(items, item, factor, gradient + item * items.width)
        } else {
          slopes(items, item, factor, gradient + item * items.width)
        }
      }
    }
  }

  func logitsGradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    items.forEachWeighted(weights, scale: scale, zeroing: gradient) { item, factor in
      if isIgnored(items, item) { return zero(items, item, gradient) }
      let row = gradient + item * items.width
      for place in 0..<items.width {
        row[place] = Float(factor * (items.output(item, place) - smoothed(items, item, place)))
      }
    }
  }

  /// Divided by their sum, then clipped: `-Σ t·ln clip(pᵢ ÷ Σp)`.
  private func slopes(
    _ items: Items, _ item: Int, _ factor: Double, _ row: UnsafeMutablePointer<Float>
  ) {
    var sum = 0.0
    for place in 0..<items.width { sum += items.output(item, place) }
    var counted = 0.0
    for place in 0..<items.width
    where !Probability.isClipped(items.output(item, place) / sum) {
      counted += smoothed(items, item, place)
    }
    for place in 0..<items.width {
      let p = items.output(item, place)
      let own = Probability.isClipped(p / sum) ? 0 : smoothed(items, item, place) / p
      row[place] = Float(factor * (counted / sum - own))
    }
  }

  /// Clipped, then divided by their sum, which is Keras's order for class numbers.
  private func clippedSlopes(
    _ items: Items, _ item: Int, _ factor: Double, _ row: UnsafeMutablePointer<Float>
  ) {
    var sum = 0.0
    for place in 0..<items.width { sum += Probability.clipped(items.output(item, place)) }
    for place in 0..<items.width {
      let p = items.output(item, place)
      let slope = Probability.isClipped(p) ? 0 : 1 / sum - smoothed(items, item, place) / p
      row[place] = Float(factor * slope)
    }
  }

  private func isIgnored(_ items: Items, _ item: Int) -> Bool {
    ignoredClass.map { items.targetClass(item) == $0 } ?? false
  }

  private func zero(_ items: Items, _ item: Int, _ gradient: UnsafeMutablePointer<Float>) {
    (gradient + item * items.width).update(repeating: 0, count: items.width)
  }
}
