import JSON
import Keras

/// `Rescaling`: x·scale + offset, each one number or one for every channel.
final class Rescaling: Layer {
  static let classNames = ["Rescaling"]

  private let scale: ConstantArray
  private let offset: ConstantArray
  private var plans: [Int: (scale: Broadcast, offset: Broadcast)] = [:]

  init(_ definition: Definition) throws(LayerFault) {
    scale = try ConstantArray(definition.settings.value("scale") ?? 1)
    offset = try ConstantArray(definition.settings.value("offset") ?? 0)
  }

  var worksInPlace: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    let plan = (try broadcast(input, scale), try broadcast(input, offset))
    plans[call.number] = plan
    return [Signal(input.shape, mask: .same(as: 0))]
  }

  private func broadcast(_ input: Signal, _ constant: ConstantArray) throws(LayerFault)
    -> Broadcast
  {
    let plan = try Broadcast([
      .init(shape: input.shape), .init(shape: constant.shape, isConstant: true),
    ])
    guard plan.shape == input.shape else {
      throw .bad("scales \(input.text) by numbers of the shape \(Signal.text(constant.shape))")
    }
    return plan
  }

  func forward(_ frame: Frame) {
    guard let plan = plans[frame.call.number] else { return }
    let y = frame.output()
    plan.scale.combine(.multiply, frame.input(), scale.values, into: y, rows: frame.rows)
    plan.offset.combine(.add, y, offset.values, into: y, rows: frame.rows)
  }
}

extension Rescaling: Trainable {
  var backwardReads: BackwardReads { [] }

  func backward(_ frame: TrainingFrame) {
    guard let plan = plans[frame.call.number], let dx = frame.inputGradient() else { return }
    plan.scale.combine(
      .multiply, frame.outputGradient(), scale.values, into: dx, rows: frame.rows)
  }
}
