import CKernels
import JSON
import Keras

/// `LayerNormalization`: (x − mean)/√(variance + ε)·gamma + beta over some dimensions of a row; with
/// `rms_scaling`, x/√(variance + ε)·gamma.
final class LayerNormalization: Layer {
  static let classNames = ["LayerNormalization"]

  private let axis: JSON.Value
  private let gamma: Parameter?
  private let beta: Parameter?
  private let epsilon: Float
  private let scalesOnly: Bool
  private var rows: [Int: AxisRows] = [:]

  init(_ definition: Definition) throws(LayerFault) {
    axis = definition.settings.value("axis") ?? -1
    epsilon = try definition.float("epsilon", default: 1e-3)
    scalesOnly = definition.flag("rms_scaling", default: false)
    gamma =
      definition.flag("scale", default: true) || scalesOnly
      ? try definition.variable("gamma") : nil
    beta =
      definition.flag("center", default: true) && !scalesOnly
      ? try definition.variable("beta") : nil
  }

  var parameters: [Parameter] { [gamma, beta].compactMap(\.self) }
  var worksInPlace: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    let axes = try Axes.places(axis, rank: input.rank)
    let shape = axes.map { input.shape[$0] }
    for parameter in [gamma, beta].compactMap(\.self) where parameter.shape != shape {
      throw .bad(
        "normalizes \(Signal.text(parameter.shape)) and is given the shape \(input.text)")
    }
    rows[call.number] = AxisRows(input.shape, axes: axes)
    return [Signal(input.shape, mask: .same(as: 0))]
  }

  func scratch(_ call: Invocation, rows count: Int) -> Int {
    count * (rows[call.number]?.scratch ?? 0)
  }

  func forward(_ frame: Frame) {
    guard let rows = rows[frame.call.number] else { return }
    let width = rows.width
    rows.map(frame.input(), frame.output(), rows: frame.rows, scratch: frame.scratch) {
      x, y, count in
      guard scalesOnly else {
        ck_layer_norm_rows(x, gamma?.values, beta?.values, epsilon, y, count, width)
        return
      }
      for row in 0..<count {
        let (from, to) = (x + row * width, y + row * width)
        let factor = 1 / (Reduction.variance(from, width) + epsilon).squareRoot()
        for i in 0..<width { to[i] = from[i] * factor * (gamma?.values[i] ?? 1) }
      }
    }
  }
}

extension LayerNormalization: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  func trainingScratch(_ call: Invocation, rows count: Int) -> Int {
    guard let rows = rows[call.number] else { return 0 }
    return 3 * Floats.rounded(count * rows.outer * rows.width) + rows.width
  }

  func backward(_ frame: TrainingFrame) {
    guard let rows = rows[frame.call.number] else { return }
    let (width, count) = (rows.width, frame.rows * rows.outer)
    let size = Floats.rounded(count * width)
    if rows.isLast, !scalesOnly {
      let target = frame.inputGradient() ?? frame.scratch
      return ck_layer_norm_gradient_rows(
        frame.input(), gamma?.values, epsilon, frame.outputGradient(), target,
        gamma.flatMap { frame.gradient(of: $0) }, beta.flatMap { frame.gradient(of: $0) }, count,
        width)
    }
    // Both sides with the dimensions in question together.
    let (x, dy, dx) = (frame.scratch, frame.scratch + size, frame.scratch + 2 * size)
    rows.gather(frame.input(), into: x, rows: frame.rows)
    rows.gather(frame.outputGradient(), into: dy, rows: frame.rows)
    let gammaGradient = gamma.flatMap { frame.gradient(of: $0) }
    let betaGradient = beta.flatMap { frame.gradient(of: $0) }
    if !scalesOnly {
      ck_layer_norm_gradient_rows(
        x, gamma?.values, epsilon, dy, dx, gammaGradient, betaGradient, count, width)
    }
    for row in 0..<(scalesOnly ? count : 0) {
      let (x, dy, dx) = (x + row * width, dy + row * width, dx + row * width)
      var sum: Float = 0
      for i in 0..<width { sum += x[i] }
      let inverse = 1 / (Reduction.variance(x, width) + epsilon).squareRoot()
      // x̂ is x·inverse where it only scales: its divisor depends on the mean all the same.
      var product: Float = 0
      let center = sum / Float(width)
      for i in 0..<width {
        let slope = dy[i] * (gamma?.values[i] ?? 1)
        let normal = x[i] * inverse
        gammaGradient?[i] += dy[i] * normal
        dx[i] = slope
        product += slope * normal
      }
      let mean = product / Float(width)
      for i in 0..<width { dx[i] = inverse * (dx[i] - (x[i] - center) * inverse * mean) }
    }
    if let target = frame.inputGradient() { rows.scatter(dx, into: target, rows: frame.rows) }
  }
}
