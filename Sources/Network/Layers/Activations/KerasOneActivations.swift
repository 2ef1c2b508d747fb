import CKernels
import Keras

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Keras 1's `ParametricSoftplus`: alpha·log(1 + e^(beta·x)), both for every element.
final class ParametricSoftplus: Layer {
  static let classNames = ["ParametricSoftplus"]

  private let alpha: Parameter
  private let beta: Parameter
  private var plans: [Int: Broadcast] = [:]

  init(_ definition: Definition) throws(LayerFault) {
    alpha = try definition.variable("alpha")
    beta = try definition.variable("beta", shape: alpha.shape)
  }

  var parameters: [Parameter] { [alpha, beta] }
  var worksInPlace: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    plans[call.number] = try shared(alpha, with: input)
    return [Signal(input.shape, mask: .same(as: 0))]
  }

  func forward(_ frame: Frame) {
    guard let plan = plans[frame.call.number] else { return }
    let y = frame.output()
    plan.combine(.multiply, frame.input(), beta.values, into: y, rows: frame.rows)
    ck_activate(
      ck_activation(CK_SOFTPLUS), 0, y, y, frame.rows * frame.outputs[0].count)
    plan.combine(.multiply, y, alpha.values, into: y, rows: frame.rows)
  }
}

/// Keras 1's `SReLU`: x between two thresholds, and a slope of its own beyond each; all four for
/// every element.
final class SReLU: Layer {
  static let classNames = ["SReLU"]

  private let leftThreshold: Parameter
  private let leftSlope: Parameter
  /// How far the right threshold is from the left one.
  private let distance: Parameter
  private let rightSlope: Parameter
  private var plans: [Int: Broadcast] = [:]

  init(_ definition: Definition) throws(LayerFault) {
    leftThreshold = try definition.variable("t_left")
    leftSlope = try definition.variable("a_left", shape: leftThreshold.shape)
    distance = try definition.variable("t_right", shape: leftThreshold.shape)
    rightSlope = try definition.variable("a_right", shape: leftThreshold.shape)
  }

  var parameters: [Parameter] { [leftThreshold, leftSlope, distance, rightSlope] }
  var worksInPlace: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    plans[call.number] = try shared(leftThreshold, with: input)
    return [Signal(input.shape, mask: .same(as: 0))]
  }

  func forward(_ frame: Frame) {
    let (x, y) = (frame.input(), frame.output())
    plans[frame.call.number]?.forEach(rows: frame.rows) { offsets, steps, at, count in
      for i in 0..<count {
        let place = offsets[1] + i * steps[1]
        let left = leftThreshold.values[place]
        let width = abs(distance.values[place])
        let above = x[at + i] - left
        let middle = min(max(above, 0), width) - leftSlope.values[place] * max(-above, 0)
        y[at + i] = left + middle + rightSlope.values[place] * max(above - width, 0)
      }
    }
  }
}

/// A plan for elements of `input` with the parameter's, which may have dimensions of 1.
private func shared(_ parameter: Parameter, with input: Signal) throws(LayerFault) -> Broadcast {
  let plan = try Broadcast([
    .init(shape: input.shape), .init(shape: parameter.shape, isConstant: true),
  ])
  guard plan.shape == input.shape else {
    throw .bad(
      "has variables of the shape \(Signal.text(parameter.shape)) and is given \(input.text)")
  }
  return plan
}

extension ParametricSoftplus: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  func backward(_ frame: TrainingFrame) {
    let (x, dy, dx) = (frame.input(), frame.outputGradient(), frame.inputGradient())
    let (alphaGradient, betaGradient) = (frame.gradient(of: alpha), frame.gradient(of: beta))
    plans[frame.call.number]?.forEach(rows: frame.rows) { offsets, steps, at, count in
      for i in at..<at + count {
        let place = offsets[1] + (i - at) * steps[1]
        let (alpha, beta) = (alpha.values[place], beta.values[place])
        let inner = beta * x[i]
        let slope = alpha / (1 + expf(-inner)) * dy[i]
        alphaGradient?[place] += (max(inner, 0) + log1pf(expf(-abs(inner)))) * dy[i]
        betaGradient?[place] += slope * x[i]
        dx?[i] = slope * beta
      }
    }
  }
}

extension SReLU: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  func backward(_ frame: TrainingFrame) {
    let (x, dy, dx) = (frame.input(), frame.outputGradient(), frame.inputGradient())
    let gradients = [leftThreshold, leftSlope, distance, rightSlope].map {
      frame.gradient(of: $0)
    }
    plans[frame.call.number]?.forEach(rows: frame.rows) { offsets, steps, at, count in
      for i in at..<at + count {
        let place = offsets[1] + (i - at) * steps[1]
        let span = distance.values[place]
        let above = x[i] - leftThreshold.values[place]
        let (low, high) = (leftSlope.values[place], rightSlope.values[place])
        if above <= 0 {
          gradients[0]?[place] += (1 - low) * dy[i]
          gradients[1]?[place] += above * dy[i]
          dx?[i] = low * dy[i]
        } else if above > abs(span) {
          gradients[0]?[place] += (1 - high) * dy[i]
          gradients[2]?[place] += (span < 0 ? high - 1 : span > 0 ? 1 - high : 0) * dy[i]
          gradients[3]?[place] += (above - abs(span)) * dy[i]
          dx?[i] = high * dy[i]
        } else {
          dx?[i] = dy[i]
        }
      }
    }
  }
}
