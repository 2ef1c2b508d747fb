/// Gradients cut to size before they are used, as Keras 3 does it.
public enum GradientClipping: Sendable, Equatable {
  case none
  /// Each variable's gradient g becomes `g·c ÷ max(‖g‖, c)`.
  case norm(Double)
  /// All gradients together have a norm of at most c: each is multiplied by `c·min(1 ÷ ‖all‖, 1 ÷ c)`.
  case globalNorm(Double)
  /// Each value lies in -c…c.
  case value(Double)

  /// From an optimizer's settings: `clipnorm`, else `global_clipnorm`, else `clipvalue`; 0 is none.
  public init(_ settings: OptimizerSettings) throws(OptimizerFault) {
    let range = 0...Double.greatestFiniteMagnitude
    let norm = try settings.number("clipnorm", default: 0, in: range)
    let global = try settings.number("global_clipnorm", default: 0, in: range)
    let value = try settings.number("clipvalue", default: 0, in: range)
    self =
      norm > 0 ? .norm(norm) : global > 0 ? .globalNorm(global) : value > 0 ? .value(value) : .none
  }

  /// Whether sums of squares have to be known first.
  var needsNorms: Bool {
    switch self {
    case .norm, .globalNorm: true
    case .none, .value: false
    }
  }

  /// The largest value that a gradient may have.
  var limit: Float { if case .value(let limit) = self { Float(limit) } else { .infinity } }

  /// What each variable's gradient is to be multiplied by.
  ///
  /// - Parameter squares: by variable, the sum of its gradient's squares. A norm that is no number
  ///   makes all of them NaN, so that it shows.
  func factors(squares: [Double]) -> [Float] {
    switch self {
    case .none, .value: return [Float](repeating: 1, count: squares.count)
    case .norm(let most):
      return squares.map { $0.isNaN ? .nan : Float(most / max($0.squareRoot(), most)) }
    case .globalNorm(let most):
      let norm = squares.reduce(0, +).squareRoot()
      let factor = norm.isFinite ? most * min(1 / norm, 1 / most) : .nan
      return [Float](repeating: Float(factor), count: squares.count)
    }
  }

  /// The sum of squares of a gradient where `mask` is not 0; sums of ranges may be added in order.
  static func squares(
    of gradient: UnsafePointer<Float>, mask: UnsafePointer<UInt8>?, in range: Range<Int>
  ) -> Double {
    var sum = 0.0
    for i in range where mask.map({ $0[i] != 0 }) ?? true {
      sum += Double(gradient[i]) * Double(gradient[i])
    }
    return sum
  }
}
