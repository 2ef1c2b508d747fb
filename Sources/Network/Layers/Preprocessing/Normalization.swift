import JSON
import Keras

/// `Normalization`: (x − mean)/max(√variance, 1e-7) with statistics that were learnt from data or are
/// given in the configuration; inverted, x·max(√variance, 1e-7) + mean.
final class Normalization: Layer {
  static let classNames = ["Normalization"]

  /// A scale and a shift by element of the dimensions that are kept apart.
  private struct Affine {
    var broadcast: Broadcast
    var scale: ConstantArray
    var shift: ConstantArray
  }

  private let axes: [JSON.Value]
  private let mean: ConstantArray
  private let variance: ConstantArray
  private let isInverse: Bool
  private let learnt: [Parameter]
  private var affines: [Int: Affine] = [:]

  init(_ definition: Definition) throws(LayerFault) {
    isInverse = definition.flag("invert", default: false)
    // No axis: one mean for all.
    if definition.layer.config["axis"]?.isNull == true {
      axes = []
    } else {
      let value = definition.settings.value("axis") ?? -1
      axes = LayerReading.list(value) ?? [value]
    }
    if let mean = definition.settings.value("mean", "input_mean") {
      guard let variance = definition.settings.value("variance", "input_variance") else {
        throw .bad("'mean' is given and 'variance' is not")
      }
      self.mean = try ConstantArray(mean)
      self.variance = try ConstantArray(variance)
      learnt = []
      guard self.mean.shape == self.variance.shape, self.mean.shape.count <= axes.count + 1 else {
        throw .bad("'mean' and 'variance' have shapes of their own")
      }
    } else {
      let parameters = [
        try definition.variable("mean"), try definition.variable("variance"),
      ]
      guard parameters[0].shape == parameters[1].shape else {
        throw .weight("'mean' and 'variance' have shapes of their own")
      }
      mean = ConstantArray(parameters[0])
      variance = ConstantArray(parameters[1])
      learnt = parameters
    }
  }

  var parameters: [Parameter] { learnt }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    let kept = try Axes.places(.array(axes), rank: input.rank)
    // The statistics' dimensions are the kept ones, the last with the last.
    var shape = [Int](repeating: 1, count: input.rank)
    let own = mean.shape.suffix(kept.count)
    guard mean.shape.dropLast(own.count).allSatisfy({ $0 == 1 }) else {
      throw .bad("'mean' has the shape \(Signal.text(mean.shape)) for \(kept.count) axes")
    }
    for (axis, size) in zip(kept.suffix(own.count), own) {
      guard size == 1 || size == input.shape[axis] else {
        throw .bad(
          "has statistics of the shape \(Signal.text(mean.shape)) and is given the shape \(input.text)"
        )
      }
      shape[axis] = size
    }
    affines[call.number] = Affine(
      broadcast: try Broadcast([.init(shape: input.shape), .init(shape: shape, isConstant: true)]),
      scale: ConstantArray(shape: shape), shift: ConstantArray(shape: shape))
    fill()
    return [Signal(input.shape, mask: .same(as: 0))]
  }

  func prepare() {
    for parameter in learnt {
      let target = parameter === learnt[0] ? mean : variance
      target.values.update(from: parameter.values, count: parameter.count)
    }
    fill()
  }

  private func fill() {
    for affine in affines.values {
      for i in 0..<mean.count {
        let deviation = max(variance.values[i].squareRoot(), 1e-7)
        affine.scale.values[i] = deviation
        affine.shift.values[i] = mean.values[i]
      }
    }
  }

  func forward(_ frame: Frame) {
    guard let affine = affines[frame.call.number] else { return }
    let (x, y) = (frame.input(), frame.output())
    let (deviation, mean) = (affine.scale.values, affine.shift.values)
    if isInverse {
      affine.broadcast.combine(.multiply, x, deviation, into: y, rows: frame.rows)
      affine.broadcast.combine(.add, y, mean, into: y, rows: frame.rows)
    } else {
      affine.broadcast.combine(.subtract, x, mean, into: y, rows: frame.rows)
      affine.broadcast.combine(.divide, y, deviation, into: y, rows: frame.rows)
    }
  }
}

extension Normalization: Trainable {
  var backwardReads: BackwardReads { [] }

  /// The statistics are no variables that training changes.
  func backward(_ frame: TrainingFrame) {
    guard let affine = affines[frame.call.number], let dx = frame.inputGradient() else { return }
    affine.broadcast.combine(
      isInverse ? .multiply : .divide, frame.outputGradient(), affine.scale.values, into: dx,
      rows: frame.rows)
  }
}
