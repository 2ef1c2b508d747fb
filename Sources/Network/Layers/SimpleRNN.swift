/// `SimpleRNN`: h = activation(x·W + b + h·U).
final class SimpleRNN: RecurrentCell {
  static let layerNames = ["SimpleRNN"]
  static let states = 1
  static let cellNames = ["SimpleRNNCell"]

  let kernels: GateKernels
  let activation: Activation

  let dropout: CellDropout
  /// What training needs of the kernels besides.
  private(set) lazy var products = GateProducts(kernels, dropout)

  init(_ definition: Definition) throws(LayerFault) {
    let units = try definition.int("units", "output_dim")
    activation = try definition.activation("activation", default: "tanh")
    guard activation.keepsWidth else { throw .bad("the activation halves the state") }
    dropout = try CellDropout(definition, gates: 1)
    kernels = GateKernels(try GateVariables(definition, units: units, gates: [""]), gates: 1)
  }

  var parameters: [Parameter] { kernels.variables.parameters }
  func prepare() { kernels.prepare() }

  func infer(step: [Int]) throws(LayerFault) -> [Int] { try kernels.infer(step: step) }

  func scratch(step: [Int], rows: Int) -> Int { rows * kernels.units }

  func advance(
    _ x: UnsafePointer<Float>, stride: Int, step: [Int], _ states: UnsafeMutablePointer<Float>,
    rows: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    kernels.multiplyInput(x, stride: stride, rows: rows, into: scratch)
    kernels.multiplyState(
      states, rows: rows, into: scratch, stride: kernels.units, adding: true)
    activation.apply(scratch, states, rows: rows, width: kernels.units)
  }
}

extension SimpleRNN: CalibratedCell {
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
