import CKernels
import Glibc

/// Functions of one number.
enum NumberFunction {
  case absolute, negative, square, sqrt, rsqrt, cbrt, reciprocal
  case exp, exp2, expm1, log, log2, log10, log1p
  case sin, cos, tan, arcsin, arccos, arctan, sinh, cosh, tanh, arcsinh, arccosh, arctanh
  case sign, floor, ceil, trunc, round
  case isnan, isinf, isfinite, logicalNot, isNonzero
  case erf, erfc, radians, degrees, zero, one

  /// `y[i] = f(x[i])`; `y` may be `x`.
  func apply(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    @inline(__always)
    func each(_ f: (Float) -> Float) { for i in 0..<count { y[i] = f(x[i]) } }
    func kernel(_ code: Int) { ck_activate(ck_activation(code), 0, x, y, count) }
    switch self {
    case .exp: kernel(CK_EXPONENTIAL)
    case .log: kernel(CK_LOG)
    case .tanh: kernel(CK_TANH)
    case .erf: kernel(CK_ERF)
    case .absolute: each { abs($0) }
    case .negative: each { -$0 }
    case .square: each { $0 * $0 }
    case .sqrt: each { $0.squareRoot() }
    case .rsqrt: each { 1 / $0.squareRoot() }
    case .cbrt: each(cbrtf)
    case .reciprocal: each { 1 / $0 }
    case .exp2: each(exp2f)
    case .expm1: each(expm1f)
    case .log2: each(log2f)
    case .log10: each(log10f)
    case .log1p: each(log1pf)
    case .sin: each(sinf)
    case .cos: each(cosf)
    case .tan: each(tanf)
    case .arcsin: each(asinf)
    case .arccos: each(acosf)
    case .arctan: each(atanf)
    case .sinh: each(sinhf)
    case .cosh: each(coshf)
    case .arcsinh: each(asinhf)
    case .arccosh: each(acoshf)
    case .arctanh: each(atanhf)
    case .sign: each { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }
    case .floor: each { $0.rounded(.down) }
    case .ceil: each { $0.rounded(.up) }
    case .trunc: each { $0.rounded(.towardZero) }
    // Halves go to the even neighbour.
    case .round: each { $0.rounded(.toNearestOrEven) }
    case .isnan: each { $0.isNaN ? 1 : 0 }
    case .isinf: each { $0.isInfinite ? 1 : 0 }
    case .isfinite: each { $0.isFinite ? 1 : 0 }
    case .logicalNot: each { $0 == 0 ? 1 : 0 }
    case .isNonzero: each { $0 != 0 ? 1 : 0 }
    case .erfc: each(erfcf)
    case .radians: each { $0 * (Float.pi / 180) }
    case .degrees: each { $0 * (180 / Float.pi) }
    case .zero: y.update(repeating: 0, count: count)
    case .one: y.update(repeating: 1, count: count)
    }
  }
}
