import CKernels
import JSON
import Keras

/// `Glu`: half of a dimension by the sigmoid of the other half.
final class GateOperation: Layer {
  static let classNames = ["Glu"]

  private let settings: LayerReading
  private var plans: [Int: (input: Int, axis: Int)] = [:]

  init(_ definition: Definition) throws(LayerFault) { settings = definition.settings }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let arguments = OperationArguments(call: call, settings: settings)
    var (index, shape) = try arguments.shape("x", at: 0)
    let axis = try arguments.axis("axis", at: 1, rank: shape.count, default: -1)
    guard shape[axis] % 2 == 0 else { throw .bad("glu halves \(shape[axis]) elements") }
    plans[call.number] = (index, axis)
    shape[axis] /= 2
    return [Signal(shape)]
  }

  func forward(_ frame: Frame) {
    guard let (input, axis) = plans[frame.call.number] else { return }
    let half = frame.outputShape[axis...].reduce(1, *)
    let activation = Activation(.glu)
    // Both halves of the dimension lie side by side, with what is inside of it.
    activation.apply(
      frame.input(input), frame.output(),
      rows: frame.rows * frame.outputShape[..<axis].reduce(1, *), width: 2 * half)
  }
}

/// `OneHot`: for every number a row of zeros with a one at its place.
final class OneHotOperation: Layer {
  static let classNames = ["OneHot"]

  private let settings: LayerReading
  private var inputs: [Int: Int] = [:]

  init(_ definition: Definition) throws(LayerFault) { settings = definition.settings }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let arguments = OperationArguments(call: call, settings: settings)
    let (index, shape) = try arguments.shape("x", at: 0)
    let classes = try arguments.int("num_classes", at: 1, default: 0)
    guard classes > 0 else { throw .bad("num_classes is \(classes)") }
    let axis = try arguments.int("axis", at: 2, default: -1)
    guard axis == -1 || axis == shape.count + 1 else {
      throw .unsupported("one-hot rows along another dimension than the last")
    }
    for (key, standard) in [("on_value", 1), ("off_value", 0)] {
      if let value = try arguments.setting(key), value.doubleValue != Double(standard) {
        throw .unsupported("'\(key)'")
      }
    }
    inputs[call.number] = index
    return [Signal(shape + [classes])]
  }

  func forward(_ frame: Frame) {
    guard let input = inputs[frame.call.number] else { return }
    let (x, y) = (frame.input(input), frame.output())
    let classes = frame.outputs[0].width
    let count = frame.rows * frame.call.inputs[input].count
    y.update(repeating: 0, count: count * classes)
    for i in 0..<count {
      // A number that is no class gets no one.
      let number = x[i].rounded(.towardZero)
      if number >= 0, number < Float(classes) { y[i * classes + Int(number)] = 1 }
    }
  }
}

extension GateOperation: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  func backward(_ frame: TrainingFrame) {
    frame.clearInputGradients()
    guard let (input, axis) = plans[frame.call.number], let dx = frame.inputGradient(input) else {
      return
    }
    let half = frame.outputShape[axis...].reduce(1, *)
    Activation(.glu).backpropagate(
      x: frame.input(input), y: frame.output(), frame.outputGradient(), into: dx,
      rows: frame.rows * frame.outputShape[..<axis].reduce(1, *), width: 2 * half)
  }
}

extension OneHotOperation: Trainable {
  var backwardReads: BackwardReads { [] }

  func backward(_ frame: TrainingFrame) { frame.clearInputGradients() }
}
