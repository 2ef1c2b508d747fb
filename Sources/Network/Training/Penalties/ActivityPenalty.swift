/// The penalty on what a layer gives (`activity_regularizer`), as a layer behind it that lets its values
/// pass: the loss of a batch is larger by `(l1·Σ|x| + l2·Σx²) / rows of the batch`, as Keras 3 has it.
final class ActivityPenalty: Trainable {
  static let classNames: [String] = []

  private let penalty: Regularizer

  init(_ penalty: Regularizer) { self.penalty = penalty }

  /// No configuration has one.
  init(_ definition: Definition) throws(LayerFault) {
    throw .unsupported("a penalty by itself in a configuration")
  }

  var passes: Bool { true }
  var worksInPlace: Bool { true }
  var backwardReads: BackwardReads { [.outputs] }
  var trainsInPlace: Bool { true }
  var penalizes: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    [Signal(try call.only().shape, mask: .same(as: 0))]
  }

  func forward(_ frame: Frame) { frame.passInput() }

  func train(_ frame: TrainingFrame) {
    forward(frame.frame)
    guard frame.trains, let penalties = frame.penalties else { return }
    let width = frame.call.inputs[0].count
    for row in 0..<frame.rows {
      penalties[row] = penalty.penalty(on: frame.output(), in: row * width..<(row + 1) * width)
    }
  }

  func backward(_ frame: TrainingFrame) {
    guard let dx = frame.inputGradient() else { return }
    let count = frame.rows * frame.call.inputs[0].count
    if dx != frame.outputGradient() { dx.update(from: frame.outputGradient(), count: count) }
    guard frame.trains else { return }
    penalty.addGradient(
      of: frame.output(), scale: 1 / Double(frame.batchRows), in: 0..<count, to: dx)
  }
}
