import CKernels
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Every activation at numbers of every size, against its formula in double precision.
struct ActivationTests {
  struct Function: CustomTestStringConvertible, Sendable {
    var name: String
    var code: Int
    var parameter = 0.0
    /// The error allowed is this, relative to the result, and …
    var relative = 4e-7
    /// … this, relative to max(|x|, 1).
    var absolute = 0.0
    var value: @Sendable (_ x: Double, _ p: Double) -> Double
    var testDescription: String { name }
  }

  static let functions: [Function] = [
    Function(name: "linear", code: CK_LINEAR) { x, _ in x },
    Function(name: "relu", code: CK_RELU) { x, _ in max(x, 0) },
    Function(name: "relu6", code: CK_RELU6) { x, _ in min(max(x, 0), 6) },
    Function(name: "leaky relu", code: CK_LEAKY_RELU, parameter: 0.25) { x, p in x < 0 ? p * x : x
    },
    Function(name: "sigmoid", code: CK_SIGMOID) { x, _ in 1 / (1 + exp(-x)) },
    Function(name: "tanh", code: CK_TANH, relative: 3e-7) { x, _ in tanh(x) },
    Function(name: "exponential", code: CK_EXPONENTIAL) { x, _ in exp(x) },
    Function(name: "erf", code: CK_ERF) { x, _ in erf(x) },
    Function(name: "gelu", code: CK_GELU) { x, _ in x / 2 * erfc(-x / 2.0.squareRoot()) },
    Function(name: "gelu tanh", code: CK_GELU_TANH, absolute: 4e-7) { x, _ in
      x / (1 + exp(-2 * (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    },
    Function(name: "silu", code: CK_SILU) { x, _ in x / (1 + exp(-x)) },
    Function(name: "softplus", code: CK_SOFTPLUS) { x, _ in max(x, 0) + log1p(exp(-abs(x))) },
    Function(name: "log sigmoid", code: CK_LOG_SIGMOID) { x, _ in
      -(max(-x, 0) + log1p(exp(-abs(x))))
    },
    Function(name: "elu", code: CK_ELU, parameter: 0.5) { x, p in x < 0 ? p * expm1(x) : x },
    Function(name: "selu", code: CK_SELU) { x, _ in
      1.0507009873554805 * (x < 0 ? 1.6732632423543772 * expm1(x) : x)
    },
    Function(name: "celu", code: CK_CELU, parameter: 2) { x, p in x < 0 ? p * expm1(x / p) : x },
    Function(name: "mish", code: CK_MISH) { x, _ in
      let n = exp(min(x, 300)) * (exp(min(x, 300)) + 2)
      return x * n / (n + 2)
    },
    Function(name: "hard sigmoid", code: CK_HARD_SIGMOID, absolute: 1e-7) { x, _ in
      min(max(x / 6 + 0.5, 0), 1)
    },
    Function(name: "hard sigmoid, a fifth", code: CK_HARD_SIGMOID_FIFTH, absolute: 1e-7) { x, _ in
      min(max(0.2 * x + 0.5, 0), 1)
    },
    Function(name: "hard silu", code: CK_HARD_SILU, absolute: 1e-7) { x, _ in
      x * min(max(x / 6 + 0.5, 0), 1)
    },
    Function(name: "hard tanh", code: CK_HARD_TANH) { x, _ in min(max(x, -1), 1) },
    Function(name: "hard shrink", code: CK_HARD_SHRINK, parameter: 0.5) { x, p in
      abs(x) > p ? x : 0
    },
    Function(name: "soft shrink", code: CK_SOFT_SHRINK, parameter: 0.5) { x, p in
      x > p ? x - p : x < -p ? x + p : 0
    },
    Function(name: "tanh shrink", code: CK_TANH_SHRINK, absolute: 3e-7) { x, _ in x - tanh(x) },
    Function(name: "softsign", code: CK_SOFTSIGN) { x, _ in x / (1 + abs(x)) },
    Function(name: "squareplus", code: CK_SQUAREPLUS, parameter: 4) { x, p in
      let root = (x * x + p).squareRoot()
      return x < 0 ? p / (2 * (root - x)) : (x + root) / 2
    },
    Function(name: "sparse plus", code: CK_SPARSE_PLUS) { x, _ in
      x <= -1 ? 0 : x < 1 ? (x + 1) * (x + 1) / 4 : x
    },
    Function(name: "sparse sigmoid", code: CK_SPARSE_SIGMOID) { x, _ in
      x <= -1 ? 0 : x < 1 ? (x + 1) / 2 : 1
    },
    Function(name: "log", code: CK_LOG) { x, _ in log(x) },
  ]

  @Test func everyCodeIsTested() {
    #expect(Self.functions.map(\.code) == Array(0..<CK_ACTIVATIONS))
  }

  /// Numbers of either sign and every exponent up to 2⁶³, where squares are still finite.
  static let numbers: [Float] =
    (0..<4000).flatMap { i in
      let pattern = UInt32(i) * 398_441 + 1
      return [Float(bitPattern: pattern), -Float(bitPattern: pattern)]
    } + [0, -0.0, 0.5, -0.5, 1, -1, 2.5, -2.5, 3, -3, 6, 20, -20]

  @Test(arguments: functions) func everywhere(function: Function) {
    let x = Floats(Self.numbers.filter { abs($0) < 0x1p63 })
    defer { withExtendedLifetime(x) {} }
    let values = x.values
    everyLevel { level in
      let y = Floats(count: x.count)
      ck_activate(Int32(function.code), Float(function.parameter), x.pointer, y.pointer, x.count)
      for (x, found) in zip(values, y.values) {
        let expected = function.value(Double(x), function.parameter)
        if expected.isNaN || abs(expected) > 3.4e38 {
          #expect(found.isNaN == expected.isNaN && !found.isFinite, "\(x) at level \(level)")
          continue
        }
        let allowed = max(
          function.relative * abs(expected), function.absolute * max(Double(abs(x)), 1), 1e-36)
        // Written as what must hold: a NaN does not.
        let holds = abs(Double(found) - expected) <= allowed
        #expect(holds, "\(x) gives \(found), not \(expected), at level \(level)")
      }
    }
  }

  @Test(arguments: functions) func ends(function: Function) {
    everyLevel { level in
      var y: [Float] = [0, 0, 0]
      ck_activate(
        Int32(function.code), Float(function.parameter), [.nan, .infinity, -.infinity], &y, 3)
      #expect(y[0].isNaN, "level \(level)")
      let high = function.value(.infinity, function.parameter)
      // Where the limit is that of ∞/∞ or ∞ − ∞, the formula has none in floating point either.
      if !high.isNaN { #expect(Double(y[1]) == high, "level \(level)") }
      let low = function.value(-.infinity, function.parameter)
      if !low.isNaN, abs(low) != 0 {
        #expect(abs(Double(y[2]) - low) <= 1e-6 * abs(low) || Double(y[2]) == low, "\(level)")
      }
    }
  }

  /// In place, and of every length: the same bits.
  @Test(arguments: functions) func tails(function: Function) {
    var stream = Stream(7)
    let numbers = stream.floats(37).map { 4 * $0 }
    everyLevel { level in
      let whole = Floats(count: 37)
      ck_activate(Int32(function.code), Float(function.parameter), numbers, whole.pointer, 37)
      for count in 0..<37 {
        for atStart in [false, true] {
          let y = Floats(Array(numbers[..<count]), atStart: atStart)
          ck_activate(
            Int32(function.code), Float(function.parameter), y.pointer, y.pointer, count)
          // NaNs (of log) have bits too.
          #expect(y.bits == Array(whole.bits[..<count]), "\(count) at level \(level)")
        }
      }
    }
  }
}
