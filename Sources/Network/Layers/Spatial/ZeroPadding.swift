/// `ZeroPadding1D` to `3D`: zeros around the spatial dimensions.
final class ZeroPadding: Layer {
  static let classNames = ["ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D"]
  static let hasChannels = true

  private let around: [(before: Int, after: Int)]

  init(_ definition: Definition) throws(LayerFault) {
    let rank = try ConvolutionSettings.rank(of: definition.className)
    around = try Margins.read(definition, "padding", rank: rank, default: 1)
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    guard input.rank == around.count + 1 else {
      throw .bad("takes \(around.count + 1) dimensions and is given the shape \(input.text)")
    }
    return [Signal(zip(input.shape, around).map { $0 + $1.before + $1.after } + [input.width])]
  }

  func forward(_ frame: Frame) {
    let y = frame.output()
    let outputs = frame.outputs[0]
    y.update(repeating: 0, count: frame.rows * outputs.count)
    Margins.copy(
      frame.input(), frame.inputShape, into: y, outputs.shape, rows: frame.rows,
      shift: around.map(\.before))
  }
}

extension ZeroPadding: Trainable {
  var backwardReads: BackwardReads { [] }

  func backward(_ frame: TrainingFrame) {
    guard let dx = frame.inputGradient() else { return }
    Margins.copy(
      frame.outputGradient(), frame.outputShape, into: dx, frame.inputShape, rows: frame.rows,
      shift: around.map { -$0.before })
  }
}
