import Keras

/// `SpectralNormalization` as it predicts: training has divided the kernel already, and the held layer
/// runs as it is. Keras divides it anew before every step, which coppice does not: it trains no such
/// layer.
enum SpectralNormalization: Wrapper {
  static let classNames = ["SpectralNormalization"]

  static func lower(
    _ layer: LayerGraph.Layer, _ call: Invocation, _ inputs: [Int], _ scope: NetworkBuilder.Scope,
    _ builder: NetworkBuilder
  ) throws(NetworkError) -> [Int] {
    guard case .wrapper(let held) = layer.content, let inner = held.first?.layers.first else {
      throw .badLayer(
        path: builder.path, layer: scope.place.name(of: layer).printable(),
        className: layer.className, what: "holds no layer")
    }
    var below = scope
    below.place.wrapper = scope.place.wrapper ?? layer.name
    var outputs = try builder.apply(inner, call, to: inputs, below)
    if let first = outputs.first {
      outputs.replaceSubrange(
        ..<1,
        with: try builder.add(
          builder.factory.helper(PredictedOnly()), partOf: layer, to: [first], scope))
    }
    // The wrapper knows nothing of masks, and so ends them.
    for output in outputs { builder.plan.values[output].mask = nil }
    return outputs
  }
}

/// What stands behind a layer whose variables training would have to change besides: nothing in
/// prediction, and no way back in training.
final class PredictedOnly: Trainable {
  static let classNames: [String] = []

  init() {}
  init(_ definition: Definition) throws(LayerFault) {}

  var passes: Bool { true }
  var worksInPlace: Bool { true }
  var backwardReads: BackwardReads { [] }
  var trainsInPlace: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    [Signal(try call.only().shape)]
  }

  func forward(_ frame: Frame) {
    let (x, y) = (frame.input(), frame.output())
    if x != y { y.update(from: x, count: frame.rows * frame.call.inputs[0].count) }
  }

  func backward(_ frame: TrainingFrame) {
    guard let dx = frame.inputGradient(), dx != frame.outputGradient() else { return }
    dx.update(from: frame.outputGradient(), count: frame.rows * frame.call.inputs[0].count)
  }
}
