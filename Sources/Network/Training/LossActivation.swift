/// The activation before a loss that gives the gradient of what the activation is given, which is
/// simple and exact where that of the activation's result is neither.
final class LossActivation: Trainable {
  static let classNames: [String] = []

  private let inner: any Layer
  private let activation: Activation
  /// What goes in is divided by it.
  private let temperature: Float

  /// `inner` is `activation` along the last dimension.
  init(_ inner: any Layer, _ activation: Activation, temperature: Double = 1) {
    self.inner = inner
    self.activation = activation
    self.temperature = Float(temperature)
  }

  /// No configuration has one.
  init(_ definition: Definition) throws(LayerFault) {
    throw .unsupported("a loss's activation in a configuration")
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] { try inner.infer(call) }
  func scratch(_ call: Invocation, rows: Int) -> Int { inner.scratch(call, rows: rows) }
  func prepare() { inner.prepare() }
  var backwardReads: BackwardReads { [] }
  var trainsInPlace: Bool { true }

  func forward(_ frame: Frame) {
    guard temperature != 1 else { return inner.forward(frame) }
    let input = frame.call.inputs[0]
    let (x, y, rows) = (frame.input(), frame.output(), frame.rows * input.outer)
    for i in 0..<rows * input.width { y[i] = x[i] / temperature }
    activation.apply(y, y, rows: rows, width: input.width)
  }

  func backward(_ frame: TrainingFrame) {
    guard let dx = frame.inputGradient() else { return }
    let (dy, count) = (frame.outputGradient(), frame.rows * frame.call.inputs[0].count)
    if temperature != 1 {
      for i in 0..<count { dx[i] = dy[i] / temperature }
    } else if dx != dy {
      dx.update(from: dy, count: count)
    }
  }
}
