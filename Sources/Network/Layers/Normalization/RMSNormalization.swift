import CKernels
import JSON
import Keras

/// `RMSNormalization`: x/√(mean of squares + ε)·scale over some dimensions of a row.
final class RMSNormalization: Layer {
  static let classNames = ["RMSNormalization"]

  private let axis: JSON.Value
  private let scale: Parameter
  private let epsilon: Float
  private var rows: [Int: AxisRows] = [:]

  init(_ definition: Definition) throws(LayerFault) {
    axis = definition.settings.value("axis") ?? -1
    epsilon = try definition.float("epsilon", default: 1e-6)
    scale = try definition.variable("scale")
  }

  var parameters: [Parameter] { [scale] }
  var worksInPlace: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    let axes = try Axes.places(axis, rank: input.rank)
    guard scale.shape == axes.map({ input.shape[$0] }) else {
      throw .bad("scales \(Signal.text(scale.shape)) and is given the shape \(input.text)")
    }
    // Keras sets the scale against the last dimensions, whatever the axes are.
    guard axes.first.map({ $0 + axes.count == input.rank }) ?? false else {
      throw .unsupported("an RMS normalization along other dimensions than the last ones")
    }
    rows[call.number] = AxisRows(input.shape, axes: axes)
    return [Signal(input.shape)]
  }

  func scratch(_ call: Invocation, rows count: Int) -> Int {
    count * (rows[call.number]?.scratch ?? 0)
  }

  func forward(_ frame: Frame) {
    guard let rows = rows[frame.call.number] else { return }
    rows.map(frame.input(), frame.output(), rows: frame.rows, scratch: frame.scratch) {
      x, y, count in
      ck_rms_norm_rows(x, scale.values, epsilon, y, count, rows.width)
    }
  }
}

extension RMSNormalization: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  func trainingScratch(_ call: Invocation, rows count: Int) -> Int {
    max(scratch(call, rows: count), count * call.inputs[0].count)
  }

  func backward(_ frame: TrainingFrame) {
    guard let rows = rows[frame.call.number] else { return }
    ck_rms_norm_gradient_rows(
      frame.input(), scale.values, epsilon, frame.outputGradient(),
      frame.inputGradient() ?? frame.scratch, frame.gradient(of: scale), frame.rows * rows.outer,
      rows.width)
  }
}
