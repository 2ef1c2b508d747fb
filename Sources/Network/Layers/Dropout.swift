import Keras

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Layers that disturb what passes in training, and let it pass in prediction: `Dropout` and its kin,
/// and `GaussianNoise`.
///
/// What is drawn depends on the seed, the step, the call and the place alone. It is not Keras's draw,
/// which its own generator makes, but of the same distribution.
final class Dropout: Layer {
  static let classNames = [
    "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianDropout",
    "GaussianNoise", "AlphaDropout",
  ]

  private enum Kind { case drop, gaussianFactor, gaussianSum, alpha }

  private let kind: Kind
  /// The share that is dropped; the deviation of noise that is added.
  private let rate: Float
  /// Whether whole channels are dropped.
  private let isSpatial: Bool
  /// Dimensions of 1 are shared by all (`noise_shape`), the first being the batch.
  private let noiseShape: [Int?]?

  init(_ definition: Definition) throws(LayerFault) {
    switch definition.className {
    case "GaussianDropout": kind = .gaussianFactor
    case "GaussianNoise": kind = .gaussianSum
    case "AlphaDropout": kind = .alpha
    default: kind = .drop
    }
    isSpatial = definition.className.hasPrefix("Spatial")
    rate = Float(
      kind == .gaussianSum
        ? try definition.double("stddev", "sigma", default: 0)
        : try definition.double("rate", "p", default: 0))
    guard rate >= 0, kind == .gaussianSum || rate <= 1 else {
      throw .bad("rate is \(rate), not from 0 to 1")
    }
    if let list = definition.settings.value("noise_shape").flatMap(LayerReading.list) {
      noiseShape = list.map { LayerReading.size($0) }
    } else {
      noiseShape = nil
    }
  }

  var passes: Bool { true }
  var worksInPlace: Bool { true }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    guard let input = call.inputs.first else { throw .bad("takes an input and is given none") }
    return [Signal(input.shape, mask: .same(as: 0))]
  }

  func forward(_ frame: Frame) { frame.passInput() }
}

extension Dropout: Trainable {
  var backwardReads: BackwardReads { [] }
  var trainsInPlace: Bool { true }

  func train(_ frame: TrainingFrame) {
    apply(frame, frame.input(), into: frame.output(), isBack: false)
  }

  func backward(_ frame: TrainingFrame) {
    guard let dx = frame.inputGradient() else { return }
    apply(frame, frame.outputGradient(), into: dx, isBack: true)
  }

  /// Multiplies by the same numbers on both ways; what is added has no part in the way back.
  private func apply(
    _ frame: TrainingFrame, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    isBack: Bool
  ) {
    let shape = frame.inputShape
    let count = shape.reduce(1, *)
    let isIdle = !frame.trains || rate == 0 || (kind != .gaussianSum && rate >= 1 && kind != .drop)
    guard !isIdle else {
      if x != UnsafePointer(y) { y.update(from: x, count: frame.rows * count) }
      return
    }
    let places = noisePlaces(shape)
    let kept = 1 / max(1 - rate, .leastNormalMagnitude)
    // Klambauer et al. 2017: what is dropped becomes α′, and a and b bring mean and variance back.
    let alphaPrime: Float = -1.7580993408473766
    let a = 1 / ((1 - rate) * (1 + rate * alphaPrime * alphaPrime)).squareRoot()
    let b = -a * alphaPrime * rate
    let deviation = (rate / (1 - rate)).squareRoot()
    for row in 0..<frame.rows {
      let (from, to) = (x + row * count, y + row * count)
      let first = UInt64(frame.firstRow + row) &* UInt64(count)
      for i in 0..<count {
        let place = first &+ UInt64(places.map { $0[i] } ?? i)
        switch kind {
        case .drop: to[i] = frame.random.uniform(at: place) >= rate ? from[i] * kept : 0
        case .gaussianFactor: to[i] = from[i] * (1 + deviation * frame.random.normal(at: place))
        case .gaussianSum:
          to[i] = isBack ? from[i] : from[i] + rate * frame.random.normal(at: place)
        case .alpha:
          let isKept = frame.random.uniform(at: place) >= rate
          to[i] = isBack ? (isKept ? a * from[i] : 0) : a * (isKept ? from[i] : alphaPrime) + b
        }
      }
    }
  }

  /// By element of a row, which place decides about it; nil where each has its own.
  private func noisePlaces(_ shape: [Int]) -> [Int]? {
    var shared = [Bool](repeating: false, count: shape.count)
    if isSpatial {
      for i in shape.indices.dropLast() { shared[i] = true }
    } else if let noiseShape, noiseShape.count == shape.count + 1 {
      for i in shape.indices { shared[i] = noiseShape[i + 1] == 1 && shape[i] != 1 }
    }
    guard shared.contains(true) else { return nil }
    return (0..<shape.reduce(1, *)).map { element in
      var (rest, place, step) = (element, 0, 1)
      for i in shape.indices.reversed() {
        if !shared[i] { place += rest % shape[i] * step }
        rest /= shape[i]
        step *= shape[i]
      }
      return place
    }
  }
}
