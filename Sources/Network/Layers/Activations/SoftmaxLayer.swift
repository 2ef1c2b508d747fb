import CKernels
import JSON
import Keras

/// `Softmax` along one dimension or several; what a mask leaves out has no part in it.
final class SoftmaxLayer: Layer {
  static let classNames = ["Softmax"]

  private let axis: JSON.Value
  private let isModern: Bool
  private var plans: [Int: Plan] = [:]

  private struct Plan {
    var rows: AxisRows
    /// The value with its mask, whose dimensions of 1 stand for all; nil without one.
    var masked: Broadcast?
  }

  init(_ definition: Definition) throws(LayerFault) {
    axis = definition.settings.value("axis") ?? -1
    isModern = definition.age == .three
  }

  var worksInPlace: Bool { false }

  /// Whether all calls are along the last dimension of unmasked values.
  var isPlain: Bool {
    plans.values.allSatisfy { $0.masked == nil && $0.rows.isLast }
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    guard let input = call.inputs.first else { throw .bad("takes an input and is given none") }
    var plan = Plan(
      rows: AxisRows(input.shape, axes: try Axes.places(axis, rank: input.rank)), masked: nil)
    // A mask may be an input of its own, or come with the value.
    if let mask = call.inputs.count > 1 ? call.inputs[1].shape : call.masks[0] {
      // Keras sets the last dimension of the mask against the value's last one, which fits few.
      guard mask.count == input.rank else {
        throw .unsupported("a mask of the shape \(Signal.text(mask)) for the value \(input.text)")
      }
      plan.masked = try Broadcast([.init(shape: input.shape), .init(shape: mask)])
      guard plan.masked?.shape == input.shape else {
        throw .bad("the mask \(Signal.text(mask)) is larger than the value \(input.text)")
      }
    }
    plans[call.number] = plan
    return [Signal(input.shape, mask: .same(as: 0))]
  }

  func scratch(_ call: Invocation, rows: Int) -> Int {
    rows * (plans[call.number]?.rows.scratch ?? 0)
  }

  func forward(_ frame: Frame) {
    guard let plan = plans[frame.call.number] else { return }
    let y = frame.output()
    var x = UnsafePointer(frame.input())
    let mask = frame.call.inputs.count > 1 ? frame.input(1) : frame.mask()
    if let masked = plan.masked, let mask {
      let source = frame.input()
      // Keras 3 puts −10⁹ in, Keras 2 adds it.
      masked.forEach(rows: frame.rows) { offsets, steps, at, count in
        for i in 0..<count {
          let value = source[offsets[0] + i * steps[0]]
          let isKept = mask[offsets[1] + i * steps[1]] != 0
          y[at + i] = isKept ? value : isModern ? -1e9 : value - 1e9
        }
      }
      x = UnsafePointer(y)
    }
    plan.rows.map(x, y, rows: frame.rows, scratch: frame.scratch) { from, to, count in
      ck_softmax_rows(from, to, count, plan.rows.width)
    }
    guard isModern, let masked = plan.masked, let mask else { return }
    masked.forEach(rows: frame.rows) { offsets, steps, at, count in
      for i in 0..<count where mask[offsets[1] + i * steps[1]] == 0 { y[at + i] = 0 }
    }
  }
}

extension SoftmaxLayer: Trainable {
  var backwardReads: BackwardReads { [.outputs] }

  func trainingScratch(_ call: Invocation, rows: Int) -> Int {
    max(scratch(call, rows: rows), 2 * rows * call.inputs[0].count)
  }

  func backward(_ frame: TrainingFrame) {
    guard let plan = plans[frame.call.number] else { return }
    let count = frame.rows * frame.call.inputs[0].count
    // A mask has no gradient.
    if frame.call.inputs.count > 1, let mask = frame.inputGradient(1) {
      mask.update(repeating: 0, count: frame.rows * frame.call.inputs[1].count)
    }
    guard let dx = frame.inputGradient() else { return }
    let (y, dy) = (frame.scratch, frame.scratch + count)
    plan.rows.gather(frame.output(), into: y, rows: frame.rows)
    plan.rows.gather(frame.outputGradient(), into: dy, rows: frame.rows)
    ck_softmax_gradient_rows(y, dy, dy, frame.rows * plan.rows.outer, plan.rows.width)
    plan.rows.scatter(dy, into: dx, rows: frame.rows)
  }
}
