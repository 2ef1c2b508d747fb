/// `Cropping1D` to `3D`: the spatial dimensions without their margins.
final class Cropping: Layer {
  static let classNames = ["Cropping1D", "Cropping2D", "Cropping3D"]
  static let hasChannels = true

  private let around: [(before: Int, after: Int)]

  init(_ definition: Definition) throws(LayerFault) {
    let rank = try ConvolutionSettings.rank(of: definition.className)
    around = try Margins.read(definition, "cropping", rank: rank, default: rank == 2 ? 0 : 1)
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    guard input.rank == around.count + 1 else {
      throw .bad("takes \(around.count + 1) dimensions and is given the shape \(input.text)")
    }
    let sizes = zip(input.shape, around).map { $0 - $1.before - $1.after }
    guard sizes.allSatisfy({ $0 > 0 }) else {
      throw .bad("crops everything off the shape \(input.text)")
    }
    return [Signal(sizes + [input.width])]
  }

  func forward(_ frame: Frame) {
    Margins.copy(
      frame.input(), frame.inputShape, into: frame.output(), frame.outputShape, rows: frame.rows,
      shift: around.map { -$0.before })
  }
}

extension Cropping: Trainable {
  var backwardReads: BackwardReads { [] }

  func backward(_ frame: TrainingFrame) {
    guard let dx = frame.inputGradient() else { return }
    dx.update(repeating: 0, count: frame.rows * frame.call.inputs[0].count)
    Margins.copy(
      frame.outputGradient(), frame.outputShape, into: dx, frame.inputShape, rows: frame.rows,
      shift: around.map(\.before))
  }
}
