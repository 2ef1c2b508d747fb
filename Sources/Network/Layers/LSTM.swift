/// `LSTM`: c = f·c + i·activation(z_c), h = o·activation(c), with the gates i, f and o by the
/// recurrent activation. z is x·W + h·U + b in the order i, f, c, o.
final class LSTM: RecurrentCell {
  static let layerNames = ["LSTM", "CuDNNLSTM"]
  static let states = 2
  static let cellNames = ["LSTMCell"]

  let kernels: GateKernels
  let gates: GateActivations

  let dropout: CellDropout
  /// What training needs of the kernels besides.
  private(set) lazy var products = GateProducts(kernels, dropout)

  init(_ definition: Definition) throws(LayerFault) {
    let units = try definition.int("units", "output_dim")
    gates = try GateActivations(definition)
    dropout = try CellDropout(definition, gates: 4)
    kernels = GateKernels(
      try GateVariables(definition, units: units, gates: ["i", "f", "c", "o"]), gates: 4)
  }

  var parameters: [Parameter] { kernels.variables.parameters }
  func prepare() { kernels.prepare() }

  func infer(step: [Int]) throws(LayerFault) -> [Int] { try kernels.infer(step: step) }

  func scratch(step: [Int], rows: Int) -> Int { rows * kernels.width }

  func advance(
    _ x: UnsafePointer<Float>, stride: Int, step: [Int], _ states: UnsafeMutablePointer<Float>,
    rows: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    let units = kernels.units
    kernels.multiplyInput(x, stride: stride, rows: rows, into: scratch)
    // Only NVIDIA's library has a second bias.
    kernels.multiplyState(
      states, rows: rows, into: scratch, stride: kernels.width, bias: kernels.bias(1), adding: true)
    gates.lstm(scratch, c: states + rows * units, h: states, rows: rows, units: units)
  }
}

extension LSTM: CalibratedCell {
  var kernelUses: [KernelUse] { kernels.kernelUses }

  func giveInputs(
    of use: Int, _ x: UnsafePointer<Float>, stride: Int, step: [Int],
    _ state: UnsafePointer<Float>, rows: Int, scratch: UnsafeMutablePointer<Float>,
    to take: RowTaker
  ) {
    if kernels.part(of: use) == nil {
      take(x, rows, stride, 0)
    } else {
      take(state, rows, kernels.units, 0)
    }
  }
}
