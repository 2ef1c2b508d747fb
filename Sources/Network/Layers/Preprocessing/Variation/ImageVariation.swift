import Keras

/// A layer that changes every image by numbers drawn for it in training, and lets it pass in
/// prediction.
///
/// What is drawn depends on the seed, the step, the call and the image alone. It is not Keras's draw,
/// which its own generator makes, but of the same distribution. What is no image, of three dimensions,
/// passes.
protocol ImageVariation: Trainable {
  /// Writes to `y` what becomes of the image `x`, both of `shape`. `draw(i)` is the `i`th number drawn
  /// for it, evenly from 0..<1; the same on both ways.
  func vary(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, _ shape: ImageShape,
    draw: (Int) -> Float)

  /// Writes to `dx` the gradient of the image, given that of what became of it.
  func varyBack(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>,
    _ shape: ImageShape, draw: (Int) -> Float)
}

/// `[height, width, channels]`
struct ImageShape: Equatable {
  var height: Int
  var width: Int
  var channels: Int

  var count: Int { height * width * channels }
}

extension ImageVariation {
  static var hasChannels: Bool { true }
  var passes: Bool { true }
  var backwardReads: BackwardReads { [.inputs] }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    [Signal(try call.only().shape, mask: .same(as: 0))]
  }

  func forward(_ frame: Frame) { frame.passInput() }

  func train(_ frame: TrainingFrame) {
    guard frame.trains, let shape = ImageShape(frame.inputShape) else {
      return forward(frame.frame)
    }
    for row in 0..<frame.rows {
      vary(
        frame.input() + row * shape.count, into: frame.output() + row * shape.count, shape,
        draw: draw(frame, row))
    }
  }

  func backward(_ frame: TrainingFrame) {
    guard let dx = frame.inputGradient() else { return }
    guard frame.trains, let shape = ImageShape(frame.inputShape) else {
      dx.update(from: frame.outputGradient(), count: frame.rows * frame.call.inputs[0].count)
      return
    }
    for row in 0..<frame.rows {
      varyBack(
        frame.input() + row * shape.count, frame.outputGradient() + row * shape.count,
        into: dx + row * shape.count, shape, draw: draw(frame, row))
    }
  }

  /// No layer draws more than four numbers an image.
  private func draw(_ frame: TrainingFrame, _ row: Int) -> (Int) -> Float {
    let first = UInt64(frame.firstRow + row) &* 4
    let random = frame.random
    return { random.uniform(at: first &+ UInt64($0)) }
  }
}

extension ImageShape {
  /// Nil for what is no image.
  init?(_ shape: [Int]) {
    guard shape.count == 3 else { return nil }
    self.init(height: shape[0], width: shape[1], channels: shape[2])
  }
}

/// From where to where a number is drawn: `factor` of a configuration, one number for both sides of 0
/// or two.
struct VariationRange {
  let lower: Float
  let upper: Float

  init(lower: Float, upper: Float) {
    self.lower = lower
    self.upper = upper
  }

  /// - Parameters:
  ///   - least: what `lower` is at least, where one number is given.
  ///   - bounds: what both have to be in.
  ///   - isSorted: whether the smaller of two is the lower one, whichever comes first.
  ///
  /// Throws where `key` is not given or is none.
  init(
    _ key: String, of definition: Definition, least: Double = -.infinity,
    bounds: ClosedRange<Double> = -1...1, isSorted: Bool = true
  ) throws(LayerFault) {
    guard let value = definition.settings.value(key) else { throw .bad("'\(key)' is not given") }
    var ends: [Double]
    if let number = value.doubleValue {
      ends = [max(-abs(number), least), abs(number)]
    } else {
      let list = LayerReading.list(value) ?? []
      ends = list.compactMap(\.doubleValue)
      if isSorted { ends.sort() }
      guard ends.count == 2, list.count == 2 else {
        throw .bad("\(key) is \(value.shown), not a number or two")
      }
    }
    // Keras 2 looks at the number alone.
    guard definition.age < .three || ends.allSatisfy(bounds.contains) else {
      throw .bad("\(key) is \(value.shown), not from \(bounds.lowerBound) to \(bounds.upperBound)")
    }
    (lower, upper) = (Float(ends[0]), Float(ends[1]))
  }

  func value(at draw: Float) -> Float { lower + (upper - lower) * draw }
}
