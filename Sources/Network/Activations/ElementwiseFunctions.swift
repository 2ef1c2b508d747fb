import Glibc

// Functions of one number, until CKernels has them under these names.
typealias ck_activation = Int32
let CK_LINEAR = 0
let CK_RELU = 1
let CK_RELU6 = 2
let CK_LEAKY_RELU = 3
let CK_SIGMOID = 4
let CK_TANH = 5
let CK_EXPONENTIAL = 6
let CK_ERF = 7
let CK_GELU = 8
let CK_GELU_TANH = 9
let CK_SILU = 10
let CK_SOFTPLUS = 11
let CK_LOG_SIGMOID = 12
let CK_ELU = 13
let CK_SELU = 14
let CK_CELU = 15
let CK_MISH = 16
let CK_HARD_SIGMOID = 17
let CK_HARD_SIGMOID_FIFTH = 18
let CK_HARD_SILU = 19
let CK_HARD_TANH = 20
let CK_HARD_SHRINK = 21
let CK_SOFT_SHRINK = 22
let CK_TANH_SHRINK = 23
let CK_SOFTSIGN = 24
let CK_SQUAREPLUS = 25
let CK_SPARSE_PLUS = 26
let CK_SPARSE_SIGMOID = 27
let CK_LOG = 28

private func softplus(_ x: Float) -> Float { max(x, 0) + log1pf(expf(-abs(x))) }

private func value(_ code: Int, _ p: Float, _ x: Float) -> Float {
  if x.isNaN { return x }
  switch code {
  case CK_RELU: return max(x, 0)
  case CK_RELU6: return min(max(x, 0), 6)
  case CK_LEAKY_RELU: return x < 0 ? p * x : x
  case CK_SIGMOID: return 1 / (1 + expf(-x))
  case CK_TANH: return tanhf(x)
  case CK_EXPONENTIAL: return expf(x)
  case CK_ERF: return erff(x)
  case CK_GELU: return 0.5 * x * erfcf(-x * 0.70710678)
  case CK_GELU_TANH: return 0.5 * x * (1 + tanhf(0.79788456 * (x + 0.044715 * x * x * x)))
  case CK_SILU: return x / (1 + expf(-x))
  case CK_SOFTPLUS: return softplus(x)
  case CK_LOG_SIGMOID: return -softplus(-x)
  case CK_ELU: return x < 0 ? p * expm1f(x) : x
  case CK_SELU: return 1.05070099 * (x < 0 ? 1.67326324 * expm1f(x) : x)
  case CK_CELU: return x < 0 ? p * expm1f(x / p) : x
  case CK_MISH: return x * tanhf(softplus(x))
  case CK_HARD_SIGMOID: return min(max(x / 6 + 0.5, 0), 1)
  case CK_HARD_SIGMOID_FIFTH: return min(max(0.2 * x + 0.5, 0), 1)
  case CK_HARD_SILU: return x * min(max(x / 6 + 0.5, 0), 1)
  case CK_HARD_TANH: return min(max(x, -1), 1)
  case CK_HARD_SHRINK: return abs(x) > p ? x : 0
  case CK_SOFT_SHRINK: return x > p ? x - p : x < -p ? x + p : 0
  case CK_TANH_SHRINK: return x - tanhf(x)
  case CK_SOFTSIGN: return x / (abs(x) + 1)
  case CK_SQUAREPLUS: return (x + (x * x + p).squareRoot()) / 2
  case CK_SPARSE_PLUS: return x <= -1 ? 0 : x < 1 ? 0.25 * (x + 1) * (x + 1) : x
  case CK_SPARSE_SIGMOID: return x <= -1 ? 0 : x < 1 ? 0.5 * (x + 1) : 1
  case CK_LOG: return logf(x)
  default: return x
  }
}

/// y[i] = the activation of x[i]; y may be x.
func ck_activate(
  _ code: ck_activation, _ p: Float, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
  _ count: Int
) {
  for i in 0..<count { y[i] = value(Int(code), p, x[i]) }
}
