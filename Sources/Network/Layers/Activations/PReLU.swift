import Keras

/// `PReLU`: x above zero, alpha·x below, an alpha for every element or shared along some dimensions.
final class PReLU: Layer {
  static let classNames = ["PReLU"]

  private let alpha: Parameter
  private var plans: [Int: Broadcast] = [:]

  init(_ definition: Definition) throws(LayerFault) { alpha = try definition.variable("alpha") }

  var parameters: [Parameter] { [alpha] }
  var worksInPlace: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    let plan = try Broadcast([
      .init(shape: input.shape), .init(shape: alpha.shape, isConstant: true),
    ])
    guard plan.shape == input.shape else {
      throw .bad("has slopes of the shape \(Signal.text(alpha.shape)) and is given \(input.text)")
    }
    plans[call.number] = plan
    return [Signal(input.shape, mask: .same(as: 0))]
  }

  func forward(_ frame: Frame) {
    let (x, y, slopes) = (frame.input(), frame.output(), alpha.values)
    plans[frame.call.number]?.forEach(rows: frame.rows) { offsets, steps, at, count in
      let slopes = slopes + offsets[1]
      for i in 0..<count {
        let value = x[at + i]
        y[at + i] = value < 0 ? slopes[i * steps[1]] * value : value
      }
    }
  }
}

extension PReLU: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  func backward(_ frame: TrainingFrame) {
    let (x, dy, slopes) = (frame.input(), frame.outputGradient(), alpha.values)
    let (dx, gradient) = (frame.inputGradient(), frame.gradient(of: alpha))
    plans[frame.call.number]?.forEach(rows: frame.rows) { offsets, steps, at, count in
      for i in at..<at + count {
        let place = offsets[1] + (i - at) * steps[1]
        // Keras adds relu(x) and −alpha·relu(−x): at zero neither has a slope.
        if x[i] < 0 { gradient?[place] += x[i] * dy[i] }
        dx?[i] = x[i] > 0 ? dy[i] : x[i] < 0 ? slopes[place] * dy[i] : 0
      }
    }
  }
}
