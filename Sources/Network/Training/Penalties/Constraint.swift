import Documents
import JSON
import Keras

/// What weights are made to be after every step. Norms run along `axes`: with axis 0, Keras's
/// standard, of a Dense kernel's columns.
struct Constraint: Equatable {
  enum Kind: Equatable {
    case nonNegative
    /// Norms become 1.
    case unit
    /// Norms are drawn into `least…most` by `rate` (1: at once).
    case range(least: Float, most: Float, rate: Float)
  }

  private static let epsilon: Float = 1e-7

  var kind: Kind
  var axes: [Int]

  /// From the configuration of any Keras; nil for null. Throws for constraints that coppice does not
  /// apply (`RadialConstraint`, a user's own).
  init?(_ value: JSON.Value?) throws(LayerFault) {
    guard let value, !value.isNull else { return nil }
    guard
      let name = value.stringValue ?? value["class_name"]?.stringValue ?? value["name"]?.stringValue
    else { throw .unsupported("the constraint \(value.shown)") }
    let config = value["config"]?.objectValue ?? value.objectValue ?? JSON.Object()
    func number(_ keys: [String], _ standard: Double) throws(LayerFault) -> Float {
      guard let key = keys.first(where: { config[$0].map { !$0.isNull } ?? false }),
        let value = config[key]
      else { return Float(standard) }
      guard let number = value.doubleValue, number.isFinite else {
        throw .bad("\(key) of a constraint is \(value.shown), not a number")
      }
      return Float(number)
    }
    switch name.lowercased() {
    case "nonneg", "non_neg", "nonnegative": kind = .nonNegative
    case "unitnorm", "unit_norm": kind = .unit
    case "maxnorm", "max_norm":
      kind = .range(least: 0, most: try number(["max_value", "m"], 2), rate: 1)
    case "minmaxnorm", "min_max_norm":
      kind = .range(
        least: try number(["min_value", "low"], 0), most: try number(["max_value", "high"], 1),
        rate: try number(["rate"], 1))
    default: throw .unsupported("the constraint '\(name.printable(limit: 40))'")
    }
    let axis = config["axis"] ?? 0
    let list = LayerReading.list(axis) ?? [axis]
    axes = list.compactMap(\.integerValue)
    guard axes.count == list.count else {
      throw .bad("axis of a constraint is \(axis.shown), not whole numbers")
    }
  }

  /// Throws where `axes` are none of a variable of that shape.
  func check(shape: [Int]) throws(LayerFault) {
    guard kind != .nonNegative else { return }
    guard axes.allSatisfy({ (-shape.count..<shape.count).contains($0) }) else {
      throw .bad("axis of a constraint is \(axes), for the shape \(Signal.text(shape))")
    }
  }

  /// Makes the weights of a variable of that shape what they have to be. +0 stays +0.
  func apply(to weights: UnsafeMutablePointer<Float>, shape: [Int]) {
    let count = shape.reduce(1, *)
    if kind == .nonNegative {
      for i in 0..<count where weights[i] < 0 { weights[i] = 0 }
      return
    }
    let along = Set(axes.map { $0 < 0 ? $0 + shape.count : $0 })
    precondition(along.allSatisfy(shape.indices.contains), "axes of the shape")
    let groups = places(of: shape, along: along)
    var sums = [Float](repeating: 0, count: (groups.max() ?? -1) + 1)
    for i in 0..<count { sums[groups[i]] += weights[i] * weights[i] }
    let factors = sums.map { factor($0.squareRoot()) }
    for i in 0..<count where weights[i] != 0 { weights[i] *= factors[groups[i]] }
  }

  private func factor(_ norm: Float) -> Float {
    switch kind {
    case .nonNegative: 1
    case .unit: 1 / (Self.epsilon + norm)
    case .range(let least, let most, let rate):
      (rate * min(max(norm, least), most) + (1 - rate) * norm) / (Self.epsilon + norm)
    }
  }

  /// For every weight, which norm it belongs to.
  private func places(of shape: [Int], along: Set<Int>) -> [Int] {
    var places = [0]
    for (axis, length) in shape.enumerated() {
      places = places.flatMap { place in
        (0..<length).map { along.contains(axis) ? place : place * length + $0 }
      }
    }
    return places
  }
}
