import Glibc

extension Elementwise {
  /// The derivatives by both operands where the function gives `y`; as TensorFlow has them at corners
  /// and where there is none. Zeros of what jumps from number to number.
  func slopes(_ a: Float, _ b: Float, _ y: Float) -> (a: Float, b: Float) {
    switch self {
    case .add: (1, 1)
    case .subtract: (1, -1)
    case .multiply: (b, a)
    case .divide: (1 / b, -y / b)
    case .divideNoNan: b == 0 ? (0, 0) : (1 / b, -y / b)
    case .maximum: a >= b ? (1, 0) : (0, 1)
    case .minimum: a <= b ? (1, 0) : (0, 1)
    // Of a number and a NaN the number; two equals go to the first.
    case .fmax: b.isNaN || a >= b ? (1, 0) : (0, 1)
    case .fmin: b.isNaN || a <= b ? (1, 0) : (0, 1)
    case .mod: (1, -(a / b).rounded(.down))
    case .fmod: (1, -(a / b).rounded(.towardZero))
    case .power: (b * powf(a, b - 1), a > 0 ? y * logf(a) : 0)
    case .squaredDifference: (2 * (a - b), 2 * (b - a))
    case .arctan2: (b / (a * a + b * b), -a / (a * a + b * b))
    // Keras takes it as the larger one times a root; of two alike the first is both.
    case .hypot: y == 0 ? (0, 0) : abs(a) == abs(b) ? (y / a, 0) : (a / y, b / y)
    case .logaddexp where a == b: (1, 0)
    case .logaddexp: (1 / (1 + expf(b - a)), 1 / (1 + expf(a - b)))
    case .floorDivide, .equal, .notEqual, .greater, .greaterEqual, .less, .lessEqual, .logicalAnd,
      .logicalOr, .logicalXor:
      (0, 0)
    }
  }

  /// Whether both derivatives are zero wherever there are any.
  var isStepped: Bool {
    switch self {
    case .floorDivide, .equal, .notEqual, .greater, .greaterEqual, .less, .lessEqual, .logicalAnd,
      .logicalOr, .logicalXor:
      true
    default: false
    }
  }
}
