/// The mean over the values of an item of `e²/2` where `|e| ≤ δ`, else `δ·|e| - δ²/2`; e = y - t.
struct Huber: Loss {
  static let names = ["Huber", "huber", "huber_loss"]
  static let meaning = LossMeaning.numbers

  private let delta: Double

  /// Keras 3 leaves δ out of the file whatever it was, and takes 1 when it reads it back.
  init(_ settings: LossSettings) throws(LossFault) {
    delta = try settings.double("delta", default: 1)
  }

  func values(of items: Items, into values: UnsafeMutablePointer<Double>) {
    items.means(into: values) { y, t in
      let error = abs(y - t)
      return error <= delta ? error * error / 2 : delta * error - delta * delta / 2
    }
  }

  func gradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    items.slopes(weights: weights, scale: scale, into: gradient) { y, t in
      abs(y - t) <= delta ? y - t : delta * signum(y - t)
    }
  }
}
