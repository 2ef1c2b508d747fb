/// A loss as Keras defines it: one number an item, whose mean is the loss of the data. All of a loss
/// is in one file under `Losses/`, and its line in `LossList`.
protocol Loss: Sendable {
  /// How configurations of all ages spell it, the class first.
  static var names: [String] { get }

  /// What outputs are to a loss of this kind.
  static var meaning: LossMeaning { get }

  /// Reads the settings. Throws where one of them is not what Keras takes, or not what coppice
  /// computes.
  init(_ settings: LossSettings) throws(LossFault)

  /// Whether outputs are logits instead of probabilities.
  var fromLogits: Bool { get }

  /// Whether outputs are margins around 0.
  var isMargin: Bool { get }

  /// Items of this class count for nothing.
  var ignoredClass: Int? { get }

  /// Writes the loss of every item to `values`, `items.count` of them.
  func values(of items: Items, into values: UnsafeMutablePointer<Double>)
}

extension Loss {
  var fromLogits: Bool { false }
  var isMargin: Bool { false }
  var ignoredClass: Int? { nil }
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
}
