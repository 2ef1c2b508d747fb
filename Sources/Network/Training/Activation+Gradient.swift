import CKernels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Activation {
  /// Whether the derivative can be told from the result alone.
  var isToldFromOutput: Bool {
    switch kind {
    case .linear, .softmax, .logSoftmax, .sparsemax: true
    case .function(let code, let parameter):
      switch Int(code) {
      case CK_RELU, CK_RELU6, CK_SIGMOID, CK_TANH, CK_EXPONENTIAL: true
      case CK_LEAKY_RELU, CK_ELU: parameter >= 0
      default: false
      }
    case .relu, .threshold, .glu: false
    }
  }

  /// `dx = dy · f′(x)` for `rows` rows; of a function of a whole row, its transposed Jacobian times
  /// `dy`. `dx` may be `dy`, but not of `glu`, whose `dy` is half as wide.
  ///
  /// At corners the derivative is TensorFlow's: 0 at the ends of what is cut.
  ///
  /// - Parameters:
  ///   - x: what the function was given, `[rows][width]`; not needed where `isToldFromOutput`.
  ///   - y: what it gave.
  ///   - width: of `x`.
  func backpropagate(
    x: UnsafePointer<Float>?, y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>, rows: Int, width: Int
  ) {
    let count = rows * width
    switch kind {
    case .linear: if dx != UnsafeMutablePointer(mutating: dy) { dx.update(from: dy, count: count) }
    case .function(let code, let parameter):
      if isToldFromOutput {
        Self.fromOutput(Int(code), parameter, y, dy, dx, count)
      } else if let x {
        for i in 0..<count { dx[i] = dy[i] * Self.slope(Int(code), parameter, x[i]) }
      }
    case .relu(let slope, let maximum, let threshold):
      guard let x else { return }
      for i in 0..<count {
        let value = x[i]
        if value > threshold {
          let least: Float = maximum < .infinity || threshold == 0 ? 0 : -.infinity
          dx[i] = value < maximum && value > least ? dy[i] : 0
        } else {
          dx[i] = slope * dy[i]
        }
      }
    case .threshold(let above, _):
      guard let x else { return }
      for i in 0..<count { dx[i] = x[i] > above ? dy[i] : 0 }
    case .softmax:
      for row in 0..<rows {
        let (y, dy, dx) = (y + row * width, dy + row * width, dx + row * width)
        var sum: Float = 0
        for i in 0..<width { sum += y[i] * dy[i] }
        for i in 0..<width { dx[i] = y[i] * (dy[i] - sum) }
      }
    case .logSoftmax:
      for row in 0..<rows {
        let (y, dy, dx) = (y + row * width, dy + row * width, dx + row * width)
        var sum: Float = 0
        for i in 0..<width { sum += dy[i] }
        for i in 0..<width { dx[i] = dy[i] - expf(y[i]) * sum }
      }
    case .sparsemax:
      for row in 0..<rows {
        let (y, dy, dx) = (y + row * width, dy + row * width, dx + row * width)
        var (sum, kept): (Float, Float) = (0, 0)
        for i in 0..<width where y[i] > 0 {
          sum += dy[i]
          kept += 1
        }
        let mean = kept > 0 ? sum / kept : 0
        for i in 0..<width { dx[i] = y[i] > 0 ? dy[i] - mean : 0 }
      }
    case .glu:
      guard let x else { return }
      let half = width / 2
      for row in 0..<rows {
        let (x, dy, dx) = (x + row * width, dy + row * half, dx + row * width)
        for i in 0..<half {
          let gate = 1 / (1 + expf(-x[half + i]))
          dx[i] = dy[i] * gate
          dx[half + i] = dy[i] * x[i] * gate * (1 - gate)
        }
      }
    }
  }

  private static func fromOutput(
    _ code: Int, _ parameter: Float, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    switch code {
    case CK_RELU: for i in 0..<count { dx[i] = y[i] > 0 ? dy[i] : 0 }
    case CK_RELU6: for i in 0..<count { dx[i] = y[i] > 0 && y[i] < 6 ? dy[i] : 0 }
    case CK_LEAKY_RELU: for i in 0..<count { dx[i] = y[i] > 0 ? dy[i] : parameter * dy[i] }
    case CK_SIGMOID: for i in 0..<count { dx[i] = dy[i] * y[i] * (1 - y[i]) }
    case CK_TANH: for i in 0..<count { dx[i] = dy[i] * (1 - y[i] * y[i]) }
    case CK_EXPONENTIAL: for i in 0..<count { dx[i] = dy[i] * y[i] }
    default: for i in 0..<count { dx[i] = y[i] > 0 ? dy[i] : dy[i] * (y[i] + parameter) }  // elu
    }
  }

  /// The derivative at `x` of the functions that need it.
  private static func slope(_ code: Int, _ p: Float, _ value: Float) -> Float {
    let x = Double(value)
    let p = Double(p)
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    let result: Double
    switch code {
    case CK_LEAKY_RELU: result = x > 0 ? 1 : p
    case CK_ERF: result = 2 / Double.pi.squareRoot() * exp(-x * x)
    case CK_GELU:
      result =
        0.5 * (1 + erf(x / 2.0.squareRoot())) + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot()
    case CK_GELU_TANH:
      let c = (2 / Double.pi).squareRoot()
      let t = tanh(c * (x + 0.044715 * x * x * x))
      result = 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * c * (1 + 3 * 0.044715 * x * x)
    case CK_SILU:
      let s = sigmoid(x)
      result = s * (1 + x * (1 - s))
    case CK_SOFTPLUS: result = sigmoid(x)
    case CK_LOG_SIGMOID: result = sigmoid(-x)
    case CK_ELU: result = x > 0 ? 1 : p * exp(x)
    case CK_SELU:
      let (scale, alpha) = (1.0507009873554805, 1.6732632423543772)
      result = x > 0 ? scale : scale * alpha * exp(x)
    case CK_CELU: result = x > 0 ? 1 : exp(x / p)
    case CK_MISH:
      let t = tanh(x > 30 ? x : log1p(exp(x)))
      result = t + x * (1 - t * t) * sigmoid(x)
    case CK_HARD_SIGMOID: result = x > -3 && x < 3 ? 1 / 6.0 : 0
    case CK_HARD_SIGMOID_FIFTH: result = x > -2.5 && x < 2.5 ? 0.2 : 0
    case CK_HARD_SILU: result = x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5
    case CK_HARD_TANH: result = x > -1 && x < 1 ? 1 : 0
    case CK_HARD_SHRINK, CK_SOFT_SHRINK: result = abs(x) > p ? 1 : 0
    case CK_TANH_SHRINK:
      let t = tanh(x)
      result = t * t
    case CK_SOFTSIGN: result = 1 / ((1 + abs(x)) * (1 + abs(x)))
    case CK_SQUAREPLUS: result = 0.5 * (1 + x / (x * x + p).squareRoot())
    case CK_SPARSE_PLUS: result = x <= -1 ? 0 : x >= 1 ? 1 : 0.5 * (x + 1)
    case CK_SPARSE_SIGMOID: result = x > -1 && x < 1 ? 0.5 : 0
    case CK_LOG: result = 1 / x
    default: result = 1
    }
    return value.isNaN ? .nan : Float(result)
  }
}
