import CKernels
import Glibc

/// Functions of two numbers.
enum Elementwise: String {
  case add, subtract, multiply, divide, maximum, minimum
  /// x/y, and 0 where y is 0.
  case divideNoNan
  case floorDivide, mod, fmod, power, squaredDifference, arctan2, hypot, logaddexp
  /// The larger or smaller, and of a number and a NaN the number.
  case fmax, fmin
  case equal, notEqual, greater, greaterEqual, less, lessEqual
  case logicalAnd, logicalOr, logicalXor

  /// `y[i] = a[i·aStep] ∘ b[i·bStep]`, steps being 0 or 1; `y` may be `a` or `b` where their step is
  /// 1.
  func apply(
    _ a: UnsafePointer<Float>, _ aStep: Int, _ b: UnsafePointer<Float>, _ bStep: Int,
    _ y: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    if let code = kernel {
      switch (aStep, bStep) {
      case (1, 1): return ck_combine(code, a, b, y, count)
      case (1, _): return ck_combine_column(code, false, a, b, y, 1, count)
      case (_, 1): return ck_combine_column(code, true, b, a, y, 1, count)
      default:
        ck_combine(code, a, b, y, 1)
        return y.update(repeating: y[0], count: count)
      }
    }
    @inline(__always)
    func each(_ f: (Float, Float) -> Float) {
      if aStep == 1 && bStep == 1 {
        for i in 0..<count { y[i] = f(a[i], b[i]) }
      } else if aStep == 1 {
        let right = b[0]
        for i in 0..<count { y[i] = f(a[i], right) }
      } else if bStep == 1 {
        let left = a[0]
        for i in 0..<count { y[i] = f(left, b[i]) }
      } else {
        y.update(repeating: f(a[0], b[0]), count: count)
      }
    }
    switch self {
    case .add, .subtract, .multiply, .divide, .maximum, .minimum: break
    case .divideNoNan: each { $1 == 0 ? 0 : $0 / $1 }
    case .floorDivide: each { floorf($0 / $1) }
    case .mod: each(Self.modulo)
    case .fmod: each(fmodf)
    case .fmax: each(fmaxf)
    case .fmin: each(fminf)
    case .power: each(powf)
    case .squaredDifference: each { ($0 - $1) * ($0 - $1) }
    case .arctan2: each(atan2f)
    case .hypot: each(hypotf)
    case .logaddexp:
      each { max($0, $1) + ($0 == $1 ? 0.6931472 : log1pf(expf(-abs($0 - $1)))) }
    case .equal: each { $0 == $1 ? 1 : 0 }
    case .notEqual: each { $0 != $1 ? 1 : 0 }
    case .greater: each { $0 > $1 ? 1 : 0 }
    case .greaterEqual: each { $0 >= $1 ? 1 : 0 }
    case .less: each { $0 < $1 ? 1 : 0 }
    case .lessEqual: each { $0 <= $1 ? 1 : 0 }
    case .logicalAnd: each { $0 != 0 && $1 != 0 ? 1 : 0 }
    case .logicalOr: each { $0 != 0 || $1 != 0 ? 1 : 0 }
    case .logicalXor: each { ($0 != 0) != ($1 != 0) ? 1 : 0 }
    }
  }

  /// The kernel's code for the function, if there is one.
  var kernel: ck_operation? {
    switch self {
    case .add: ck_operation(CK_ADD)
    case .subtract: ck_operation(CK_SUBTRACT)
    case .multiply: ck_operation(CK_MULTIPLY)
    case .divide: ck_operation(CK_DIVIDE)
    case .maximum: ck_operation(CK_MAXIMUM)
    case .minimum: ck_operation(CK_MINIMUM)
    default: nil
    }
  }

  /// The remainder with the sign of the divisor, as Python has it.
  private static func modulo(_ x: Float, _ y: Float) -> Float {
    let remainder = fmodf(x, y)
    return remainder != 0 && (remainder < 0) != (y < 0) ? remainder + y : remainder
  }
}
