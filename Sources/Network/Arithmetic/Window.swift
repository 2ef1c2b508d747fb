/// One spatial dimension under a sliding window (keras-files.md, section 6, shapes and padding).
struct Window: Equatable {
  let input: Int
  let kernel: Int
  let stride: Int
  let dilation: Int
  let output: Int
  /// Zeros in front of the input.
  let before: Int

  /// How far a kernel reaches.
  var reach: Int { (kernel - 1) * dilation + 1 }

  enum Padding: String, CaseIterable {
    case valid, same, causal
    static let words = allCases.map(\.rawValue)
  }

  /// Throws where the window is larger than the input.
  init(_ input: Int, kernel: Int, stride: Int, dilation: Int = 1, padding: Padding)
    throws(LayerFault)
  {
    self.input = input
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    let (steps, overflows) = (kernel - 1).multipliedReportingOverflow(by: dilation)
    guard !overflows, steps < 1 << 30, input < 1 << 30, stride < 1 << 30 else {
      throw .bad("a window of \(kernel) × \(dilation) over \(input) is too large")
    }
    let reach = steps + 1
    switch padding {
    case .valid:
      guard input >= reach else {
        throw .bad("a window of \(reach) does not fit an input of \(input)")
      }
      output = (input - reach) / stride + 1
      before = 0
    case .same:
      output = (input + stride - 1) / stride
      before = max(0, (output - 1) * stride + reach - input) / 2
    case .causal:
      output = (input + stride - 1) / stride
      before = reach - 1
    }
  }

  /// A window that leaves a dimension as it is: what a dimension of 1 in front of others has.
  static let none = Window()

  /// A window of stride 1 that gives a certain number of outputs: what lies outside of the input is
  /// zero on both sides.
  init(spread input: Int, kernel: Int, dilation: Int, output: Int, before: Int) {
    self.input = input
    self.kernel = kernel
    stride = 1
    self.dilation = dilation
    self.output = output
    self.before = before
  }

  /// A window of which everything is said: what lies outside of the input is zero.
  init(over input: Int, kernel: Int, stride: Int, dilation: Int, output: Int, before: Int) {
    self.input = input
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.output = output
    self.before = before
  }

  private init() {
    (input, kernel, stride, dilation, output, before) = (1, 1, 1, 1, 1, 0)
  }
}
