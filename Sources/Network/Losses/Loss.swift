/// A loss as Keras defines it: one number an item, whose mean is the loss of the data. All of a loss
/// is in one file under `Losses/`, and its line in `LossList`.
protocol Loss: Sendable {
  /// How configurations of all ages spell it, the class first.
  static var names: [String] { get }

  /// What outputs are to a loss of this kind.
  static var meaning: LossMeaning { get }

  /// Whether it has Keras's `label_smoothing`.
  static var takesSmoothing: Bool { get }

  /// Reads the settings. Throws where one of them is not what Keras takes, or not what coppice
  /// computes.
  init(_ settings: LossSettings) throws(LossFault)

  /// Whether outputs are logits instead of probabilities.
  var fromLogits: Bool { get }

  /// Whether outputs are margins around 0.
  var isMargin: Bool { get }

  /// Items of this class count for nothing.
  var ignoredClass: Int? { get }

  /// Which values labels may have; nil where any number will do.
  var labels: LabelRange? { get }

  /// Writes the loss of every item to `values`, `items.count` of them.
  func values(of items: Items, into values: UnsafeMutablePointer<Double>)

  /// Writes the derivative of every item's loss by its outputs to `gradient`, `[count][width]`, times
  /// `scale` and the item's weight: what TensorFlow's differentiation of Keras's formula gives, also
  /// where the formula clips (0 outside) or has a corner.
  ///
  /// - Parameters:
  ///   - weights: `[count]`; nil where all are 1. Where it is 0, zeros are written and nothing of the
  ///     item is looked at.
  ///   - scale: 1 ÷ items of the batch for Keras's mean, times the weight of the output's loss.
  func gradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>)
}

/// A loss of which the derivative is as simple as `p - t` by what goes into the model's last
/// activation.
///
/// Keras on TensorFlow looks for these logits behind the output that a loss is given, and where it
/// finds them takes `softmax_cross_entropy_with_logits` or `sigmoid_cross_entropy_with_logits` of them
/// instead of the clipped logarithm: when the output is the very result of a softmax (sigmoid), be it
/// a layer's activation or a layer of its own, and no reshaping, dropout or cast comes after. A sure
/// and wrong model so keeps a gradient where clipping would leave none.
protocol LogitsLoss: Loss {
  /// The activation that makes the outputs of the logits.
  static var activation: OutputActivation { get }

  /// As `gradient`, but by the logits; outputs are still what the activation gives.
  func logitsGradient(
    of items: Items, weights: UnsafePointer<Float>?, scale: Double,
    into gradient: UnsafeMutablePointer<Float>)
}

extension Loss {
  static var takesSmoothing: Bool { false }
  var fromLogits: Bool { false }
  var isMargin: Bool { false }
  var ignoredClass: Int? { nil }
  var labels: LabelRange? { nil }
}

/// Values that labels of a yes or no may have.
public enum LabelRange: Sendable {
  /// Probabilities.
  case unit
  /// 0 and 1, or -1 and 1.
  case signs

  func holds(_ label: Float) -> Bool {
    switch self {
    case .unit: label >= 0 && label <= 1
    case .signs: label == 0 || label == 1 || label == -1
    }
  }

  /// As a message has them: `labels from 0 to 1`.
  public var words: String {
    switch self {
    case .unit: "labels from 0 to 1"
    case .signs: "labels 0 and 1, or -1 and 1"
    }
  }
}

/// What a loss takes the values of an item for.
enum LossMeaning {
  /// One of several classes is right.
  case classes
  /// Each value is a yes or no of its own.
  case decisions
  case numbers
}

/// What a loss says against its settings.
struct LossFault: Error, Equatable {
  var what: String
}

extension Items {
  /// Writes to `values` the mean of `term(output, target)` along every item.
  @inline(__always)
  func means(
    into values: UnsafeMutablePointer<Double>,
    _ term: (_ output: Double, _ target: Double) -> Double
  ) {
    let share = 1 / Double(max(1, width))
    for item in 0..<count {
      var sum = 0.0
      for place in 0..<width { sum += term(output(item, place), target(item, place)) }
      values[item] = sum * share
    }
  }
  /// Calls `body` with every item whose weight is not 0, and with that weight times `scale`; writes
  /// zeros for the others.
  @inline(__always)
  func forEachWeighted(
    _ weights: UnsafePointer<Float>?, scale: Double, zeroing gradient: UnsafeMutablePointer<Float>,
    _ body: (_ item: Int, _ factor: Double) -> Void
  ) {
    for item in 0..<count {
      let weight = weights.map { $0[item] } ?? 1
      if weight == 0 {
        (gradient + item * width).update(repeating: 0, count: width)
      } else {
        body(item, Double(weight) * scale)
      }
    }
  }

  /// Writes the derivatives of a loss that is the mean of a term of which `slope(output, target)` is
  /// the derivative by the output.
  @inline(__always)
  func slopes(
    weights: UnsafePointer<Float>?, scale: Double, into gradient: UnsafeMutablePointer<Float>,
    _ slope: (_ output: Double, _ target: Double) -> Double
  ) {
    let share = scale / Double(max(1, width))
    forEachWeighted(weights, scale: share, zeroing: gradient) { item, factor in
      let row = gradient + item * width
      for place in 0..<width {
        row[place] = Float(factor * slope(output(item, place), target(item, place)))
      }
    }
  }
}

/// -1, 0 or 1, and NaN of NaN: the derivative of the absolute value as TensorFlow gives it.
@inline(__always)
func signum(_ x: Double) -> Double { x > 0 ? 1 : x < 0 ? -1 : x }
