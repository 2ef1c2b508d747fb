import Glibc

extension NumberFunction {
  /// The derivative at `x`, where the function gives `y`; zero of what jumps from number to number.
  func slope(_ x: Float, _ y: Float) -> Float {
    switch self {
    case .absolute: x > 0 ? 1 : x < 0 ? -1 : 0
    case .negative: -1
    case .square: 2 * x
    case .sqrt: 0.5 / y
    case .rsqrt: -0.5 * y * y * y
    case .cbrt: 1 / (3 * y * y)
    case .reciprocal: -y * y
    case .exp: y
    case .exp2: y * 0.6931472
    case .expm1: y + 1
    case .log: 1 / x
    case .log2: 1.442695 / x
    case .log10: 0.4342945 / x
    case .log1p: 1 / (1 + x)
    case .sin: cosf(x)
    case .cos: -sinf(x)
    case .tan: 1 + y * y
    case .arcsin: 1 / (1 - x * x).squareRoot()
    case .arccos: -1 / (1 - x * x).squareRoot()
    case .arctan: 1 / (1 + x * x)
    case .sinh: coshf(x)
    case .cosh: sinhf(x)
    case .tanh: 1 - y * y
    case .arcsinh: 1 / (x * x + 1).squareRoot()
    case .arccosh: 1 / sinhf(y)
    case .arctanh: 1 / (1 - x * x)
    case .erf: 1.1283792 * expf(-x * x)
    case .erfc: -1.1283792 * expf(-x * x)
    case .radians: Float.pi / 180
    case .degrees: 180 / Float.pi
    case .sign, .floor, .ceil, .trunc, .round, .isnan, .isinf, .isfinite, .logicalNot, .isNonzero,
      .zero, .one:
      0
    }
  }
}
