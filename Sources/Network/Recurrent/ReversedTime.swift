/// A row's first dimension, and its mask's, the other way round. No class of Keras: `Bidirectional`
/// and `RNN` are taken apart into it.
final class ReversedTime: Layer {
  static let classNames: [String] = []

  private let keepsMask: Bool

  /// `keepsMask`: the mask goes on as it is.
  init(keepsMask: Bool) { self.keepsMask = keepsMask }

  init(_ definition: Definition) throws(LayerFault) { keepsMask = false }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    guard input.rank >= 1 else { throw .bad("has no time steps to turn round") }
    guard let mask = call.masks[0], !keepsMask else {
      return [Signal(input.shape, mask: .same(as: 0))]
    }
    return [Signal(input.shape, mask: .made(mask))]
  }

  func forward(_ frame: Frame) {
    turn(frame.input(), shape: frame.inputShape, rows: frame.rows, into: frame.output())
    if !keepsMask, let mask = frame.mask(), let shape = frame.call.masks[0],
      let target = frame.outputMask()
    {
      turn(mask, shape: shape, rows: frame.rows, into: target)
    }
  }

  fileprivate func turn(
    _ x: UnsafePointer<Float>, shape: [Int], rows: Int, into y: UnsafeMutablePointer<Float>
  ) {
    let (steps, width) = (shape[0], shape.dropFirst().reduce(1, *))
    for row in 0..<rows {
      for step in 0..<steps {
        (y + (row * steps + steps - 1 - step) * width).update(
          from: x + (row * steps + step) * width, count: width)
      }
    }
  }
}

extension ReversedTime: Trainable {
  var backwardReads: BackwardReads { [] }

  func backward(_ frame: TrainingFrame) {
    guard let dx = frame.inputGradient() else { return }
    turn(frame.outputGradient(), shape: frame.inputShape, rows: frame.rows, into: dx)
  }
}
