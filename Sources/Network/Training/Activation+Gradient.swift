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
    case .linear, .softmax, .logSoftmax: true
    case .function(let code, let parameter):
      Int(ck_activation_gradient_needs(code)) & CK_NEEDS_INPUT == 0
        && (Int(code) != CK_LEAKY_RELU || parameter >= 0)
        && (![CK_ELU, CK_CELU].contains(Int(code)) || parameter > 0)
    case .relu, .threshold, .glu, .sparsemax: false
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
      ck_activate_gradient(code, parameter, x, y, dy, dx, count)
    case .relu(let slope, let maximum, let threshold):
      guard let x else { return }
      ck_relu_general_gradient(slope, maximum, threshold, x, dy, dx, count)
    case .threshold(let above, _):
      guard let x else { return }
      for i in 0..<count { dx[i] = x[i] > above ? dy[i] : 0 }
    case .softmax: ck_softmax_gradient_rows(y, dy, dx, rows, width)
    case .logSoftmax: ck_log_softmax_gradient_rows(y, dy, dx, rows, width)
    case .sparsemax:
      guard let x else { return }
      Sparsemax.backpropagate(x, y: y, dy, into: dx, rows: rows, width: width)
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
}
