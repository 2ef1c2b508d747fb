import CKernels

/// How weights follow their gradients: Keras 3's formulas, all in float32. All of an optimizer is in
/// one file beside this, and its line in `OptimizerList`.
///
/// Files of older Keras are trained by the same formulas. They differ from what those wrote only in
/// where ε stands (RMSprop and Adagrad of Keras 1 and 2: outside the root) and in Nadam's schedule.
protocol Optimizer: Sendable {
  /// How configurations of all ages spell the class, without regard to case.
  static var names: [String] { get }

  /// The learning rate where none is asked for. Fine-tuning starts from it, whatever a file says: that
  /// is where a decayed run ended.
  static var standardRate: Double { get }

  /// The constants of its formula, as configurations of all ages spell them.
  static var constants: Set<String> { get }

  /// Reads the constants. Throws where one of them is not what Keras takes.
  init(_ settings: OptimizerSettings) throws(OptimizerFault)

  /// The arrays that it keeps for every parameter, as Keras calls them.
  var slots: [String] { get }

  /// What they begin with, and what they hold where a mask is 0.
  var initialSlot: Float { get }

  /// What all weights of a step have in common.
  ///
  /// - Parameter iteration: steps that were done before; 0 at the first.
  func corrections(at iteration: Int) -> Corrections

  /// Moves the weights in `range` and their slots. Ranges of one parameter may be worked on by
  /// different threads; results depend on neither.
  func update(_ range: Range<Int>, of target: UpdateTarget, by step: UpdateStep)
}

extension Optimizer {
  static var standardRate: Double { 0.001 }
  var initialSlot: Float { 0 }
  func corrections(at iteration: Int) -> Corrections { Corrections() }
}

/// Numbers that an optimizer works out once a step; which is which is its own matter.
struct Corrections {
  var first: Float = 1
  var second: Float = 1
  var third: Float = 1
}

/// What is the same for all weights of a parameter in a step.
struct UpdateStep {
  var rate: Float
  var corrections = Corrections()
  /// What gradients are multiplied by, and beyond which they are cut off: clipping.
  var factor: Float = 1
  var limit: Float = .infinity
  /// Learning rate × weight decay where that is decoupled: `w -= w·decay` before all else.
  var decay: Float = 0
  /// Weight decay where it is coupled: `g += pull·w`, after clipping.
  var pull: Float = 0

  init(rate: Double, corrections: Corrections = Corrections()) {
    self.rate = Float(rate)
    self.corrections = corrections
  }
}

/// A parameter under way.
struct UpdateTarget {
  let weights: UnsafeMutablePointer<Float>
  let gradient: UnsafePointer<Float>
  /// A byte a weight, 0 where it is pruned: it becomes and stays +0, and its slots stay at their
  /// beginning, whatever its gradient is. Nil where all are kept.
  let mask: UnsafePointer<UInt8>?
  /// The first slot; each is `stride` floats after the one before.
  let slots: UnsafeMutablePointer<Float>
  let slotCount: Int
  let stride: Int
  let initialSlot: Float

  @inline(__always)
  func slot(_ place: Int) -> UnsafeMutablePointer<Float> { slots + place * stride }

  /// Calls `move(index, weight, gradient)` for every kept weight in `range` and stores what it gives;
  /// decay and clipping are done before.
  @inline(__always)
  func forEach(
    _ range: Range<Int>, _ step: UpdateStep, _ move: (_ i: Int, _ w: Float, _ g: Float) -> Float
  ) {
    for i in range {
      if let mask, mask[i] == 0 {
        weights[i] = 0
        for place in 0..<slotCount { slot(place)[i] = initialSlot }
        continue
      }
      var g = gradient[i] * step.factor
      // NaN is neither above nor below, and stays.
      if g > step.limit { g = step.limit } else if g < -step.limit { g = -step.limit }
      let w = weights[i]
      g += step.pull * w
      weights[i] = move(i, w - w * step.decay, g)
    }
  }
}

extension ck_update {
  init(_ step: UpdateStep) {
    self.init(
      rate: step.rate, factor: step.factor, limit: step.limit, decay: step.decay, pull: step.pull)
  }
}
