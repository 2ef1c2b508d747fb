/// A loss of logits that are divided by a temperature first.
struct TemperedLoss: Loss {
  static let names: [String] = []
  static let meaning = LossMeaning.classes

  private let inner: any Loss
  private let temperature: Float

  /// `inner` is one that takes logits.
  init(_ inner: any Loss, temperature: Double) {
    self.inner = inner
    self.temperature = Float(temperature)
  }

  /// No configuration has one.
  init(_ settings: LossSettings) throws(LossFault) {
    throw LossFault(what: "a loss with a temperature")
  }

  var fromLogits: Bool { true }
  var ignoredClass: Int? { inner.ignoredClass }

  func values(of items: Items, into values: UnsafeMutablePointer<Double>) {
    withCooled(items) { inner.values(of: $0, into: values) }
  }

  func gradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    withCooled(items) {
      inner.gradient(
        of: $0, weights: weights, scale: scale / Double(temperature), into: gradient)
    }
  }

  private func withCooled(_ items: Items, _ body: (Items) -> Void) {
    let count = items.count * items.width
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, count)) { room in
      guard let cooled = room.baseAddress else { return }
      for i in 0..<count { (cooled + i).initialize(to: items.outputs[i] / temperature) }
      body(
        Items(
          outputs: cooled, targets: items.targets, count: items.count, width: items.width))
    }
  }
}
