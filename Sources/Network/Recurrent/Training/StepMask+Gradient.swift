/// What a mask does to the steps on the way there and back, where every step's states are kept.
extension StepMask {
  /// Gives masked parts of the state `after` a step what they were `before` it.
  func hold(
    _ before: UnsafePointer<Float>, in after: UnsafeMutablePointer<Float>, time: Int
  ) {
    forEachPart(at: time) { place, counts in
      if !counts { (after + place).update(from: before + place, count: width) }
    }
  }

  /// Takes what the layer gives from now on: the first state of what is not masked, or with `showing`
  /// of all.
  func take(_ state: UnsafePointer<Float>, time: Int, showing: Bool) {
    forEachPart(at: time) { place, counts in
      if counts || showing { (shown + place).update(from: state + place, count: width) }
    }
  }

  /// The way back of `show`: adds to the gradient of what is shown, which lies where that did.
  func addShown(_ dy: UnsafePointer<Float>, stride: Int, zeroing: Int?) {
    for part in 0..<rows * parts {
      if let zeroing, !counts(part, at: zeroing) { continue }
      Sums.add(
        dy + part / parts * stride + part % parts * width, to: shown + part * width, count: width)
    }
  }

  /// The way back of `take`: to the gradient of the state.
  func giveShown(to gradient: UnsafeMutablePointer<Float>, time: Int, showing: Bool) {
    forEachPart(at: time) { place, counts in
      guard counts || showing else { return }
      Sums.add(shown + place, to: gradient + place, count: width)
      (shown + place).update(repeating: 0, count: width)
    }
  }

  /// Takes the gradients of masked parts out of what goes back through the step.
  func setAside(
    _ gradient: UnsafeMutablePointer<Float>, in held: UnsafeMutablePointer<Float>, time: Int
  ) {
    forEachPart(at: time) { place, counts in
      guard !counts else { return }
      (held + place).update(from: gradient + place, count: width)
      (gradient + place).update(repeating: 0, count: width)
    }
  }

  /// Adds them again on the other side.
  func giveBack(
    _ held: UnsafePointer<Float>, to gradient: UnsafeMutablePointer<Float>, time: Int
  ) {
    forEachPart(at: time) { place, counts in
      if !counts { Sums.add(held + place, to: gradient + place, count: width) }
    }
  }

  private func forEachPart(at time: Int, _ body: (_ place: Int, _ counts: Bool) -> Void) {
    for part in 0..<rows * parts { body(part * width, counts(part, at: time)) }
  }
}
