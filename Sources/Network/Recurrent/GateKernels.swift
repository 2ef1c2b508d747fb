/// The products of a cell whose gates lie side by side: z = x·W + h·U + b, `[rows][gates][units]`.
final class GateKernels {
  let variables: GateVariables
  let units: Int
  /// Floats of all gates of a row.
  let width: Int
  private let kernel: PackedKernel
  /// By range of gates that are multiplied together.
  private let recurrent: [(gates: Range<Int>, kernel: PackedKernel)]
  private let bias: UnsafeMutablePointer<Float>

  /// `splits` are the gates at which the recurrent kernel is cut for products by themselves.
  init(_ variables: GateVariables, gates: Int, splits: [Int] = []) {
    self.variables = variables
    units = variables.units
    width = gates * units
    kernel = PackedKernel(inputs: variables.inputs, outputs: width)
    let cuts = [0] + splits + [gates]
    recurrent = zip(cuts, cuts.dropFirst()).map { [units] from, to in
      (from..<to, PackedKernel(inputs: units, outputs: (to - from) * units))
    }
    bias = Floats.allocate(max(1, variables.biases) * width)
  }

  deinit { bias.deallocate() }

  func prepare() {
    let rows = max(variables.inputs, units)
    let joined = Floats.allocate(rows * width)
    let part = Floats.allocate(rows * width)
    defer {
      joined.deallocate()
      part.deallocate()
    }
    variables.copyKernel(to: joined)
    kernel.pack(joined)
    variables.copyRecurrentKernel(to: joined)
    for (gates, kernel) in recurrent {
      let count = gates.count * units
      for row in 0..<units {
        (part + row * count).update(
          from: joined + row * width + gates.lowerBound * units, count: count)
      }
      kernel.pack(part)
    }
    variables.copyBias(to: bias)
  }

  /// The ranges of gates that are multiplied together.
  var parts: [Range<Int>] { recurrent.map(\.gates) }

  /// The bias of the input, or with `1` that of the state; nil where there is none.
  func bias(_ index: Int) -> UnsafeMutablePointer<Float>? {
    variables.biases > index ? bias + index * width : nil
  }

  /// z = x·W + b
  func multiplyInput(
    _ x: UnsafePointer<Float>, stride: Int, rows: Int, into z: UnsafeMutablePointer<Float>
  ) {
    kernel.multiply(x, stride: stride, into: z, stride: width, rows: rows, bias: bias(0))
  }

  /// h·U of the gates in part `index`, added to or put in the place of `z`, whose rows are `stride`
  /// floats apart.
  func multiplyState(
    _ h: UnsafePointer<Float>, part index: Int = 0, rows: Int, into z: UnsafeMutablePointer<Float>,
    stride: Int, bias: UnsafePointer<Float>? = nil, adding: Bool
  ) {
    recurrent[index].kernel.multiply(
      h, stride: units, into: z, stride: stride, rows: rows, bias: bias, adding: adding)
  }
}
