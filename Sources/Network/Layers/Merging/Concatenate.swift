import Keras

/// `Concatenate`: the inputs one after another along a dimension.
final class Concatenate: Layer {
  static let classNames = ["Concatenate"]

  private let axis: Int
  private let isModern: Bool
  private var plans: [Int: MaskPlan] = [:]

  /// What becomes of the masks.
  private enum MaskPlan {
    case none
    /// By position, over the inputs along the last dimension: any of them (Keras 3) or all.
    case joined
    /// Along the dimension itself, where an input without a mask counts everywhere.
    case concatenated(axis: Int)
  }

  convenience init(_ definition: Definition) throws(LayerFault) {
    self.init(
      axis: try definition.int("axis", "concat_axis", least: -16, default: -1), age: definition.age)
  }

  init(axis: Int, age: KerasAge) {
    self.axis = axis
    isModern = age == .three
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let shape = try Joining.shape(call.inputs, axis: axis)
    let place = try Axes.place(axis, rank: shape.count)
    guard call.masks.contains(where: { $0 != nil }) else {
      plans[call.number] = MaskPlan.none
      return [Signal(shape)]
    }
    for (input, mask) in zip(call.inputs, call.masks) {
      guard mask == nil || mask == input.shape.dropLast() else {
        throw .unsupported("a concatenation of masks of other ranks than their values have")
      }
    }
    plans[call.number] = place == shape.count - 1 ? .joined : .concatenated(axis: place)
    return [Signal(shape, mask: .made(shape.dropLast()))]
  }

  func forward(_ frame: Frame) {
    Joining.join(frame, axis: axis)
    guard let out = frame.outputMask(), let plan = plans[frame.call.number] else { return }
    let shape = frame.outputShape.dropLast()
    let positions = frame.rows * shape.reduce(1, *)
    switch plan {
    case .none: break
    case .joined:
      let inputs = frame.call.inputs.indices
      for i in 0..<positions {
        // Where there is no mask, all counts.
        let isKept =
          isModern
          ? inputs.contains { frame.mask($0)?[i] ?? 1 != 0 }
          : inputs.allSatisfy { frame.mask($0)?[i] ?? 1 != 0 }
        out[i] = isKept ? 1 : 0
      }
    case .concatenated(let axis):
      let run = shape[axis...].reduce(1, *)
      var at = 0
      for (k, input) in frame.call.inputs.enumerated() {
        let own = input.shape.dropLast()[axis...].reduce(1, *)
        for row in 0..<positions / max(1, run) {
          let to = out + row * run + at
          if let mask = frame.mask(k) {
            to.update(from: mask + row * own, count: own)
          } else {
            to.update(repeating: 1, count: own)
          }
        }
        at += own
      }
    }
  }
}

extension Concatenate: Trainable {
  var backwardReads: BackwardReads { [] }
  func backward(_ frame: TrainingFrame) { Joining.part(frame, axis: axis) }
}

/// Values one after another along a dimension.
enum Joining {
  /// `axis` counts the batch as 0. Throws where the other dimensions differ.
  static func shape(_ inputs: [Signal], axis: Int) throws(LayerFault) -> [Int] {
    guard let first = inputs.first else { throw .bad("joins its inputs and is given none") }
    let place = try Axes.place(axis, rank: first.rank)
    var shape = first.shape
    for input in inputs.dropFirst() {
      var (own, other) = (input.shape, shape)
      guard own.count == other.count else {
        throw .bad("joins inputs of different ranks, \(first.text) and \(input.text)")
      }
      own[place] = 0
      other[place] = 0
      let (sum, overflows) = shape[place].addingReportingOverflow(input.shape[place])
      guard own == other, !overflows else {
        throw .bad("joins \(first.text) and \(input.text), which differ in other dimensions")
      }
      shape[place] = sum
    }
    return shape
  }

  /// Writes the output of a layer that joins all of its inputs.
  static func join(_ frame: Frame, axis: Int) {
    let shape = frame.outputShape
    let place = (axis < 0 ? axis + shape.count + 1 : axis) - 1
    let run = shape[place...].reduce(1, *)
    let outer = frame.rows * shape[..<place].reduce(1, *)
    var at = 0
    for (k, input) in frame.call.inputs.enumerated() {
      let own = input.shape[place...].reduce(1, *)
      let x = frame.input(k)
      for row in 0..<outer {
        (frame.output() + row * run + at).update(from: x + row * own, count: own)
      }
      at += own
    }
  }

  /// The way back: every input gets its part.
  static func part(_ frame: TrainingFrame, axis: Int) {
    let shape = frame.outputShape
    let place = (axis < 0 ? axis + shape.count + 1 : axis) - 1
    let run = shape[place...].reduce(1, *)
    let outer = frame.rows * shape[..<place].reduce(1, *)
    var at = 0
    for (k, input) in frame.call.inputs.enumerated() {
      let own = input.shape[place...].reduce(1, *)
      if let dx = frame.inputGradient(k) {
        for row in 0..<outer {
          (dx + row * own).update(from: frame.outputGradient() + row * run + at, count: own)
        }
      }
      at += own
    }
  }
}
