import Keras

/// `GRU`: h = z·h + (1 − z)·h', with the gates z and r by the recurrent activation. With
/// `reset_after` (every Keras from 2.3 on unless told otherwise) h' = activation(x_h + r·(h·U_h)),
/// without it h' = activation(x_h + (r·h)·U_h). The order is z, r, h.
final class GRU: RecurrentCell {
  static let layerNames = ["GRU", "CuDNNGRU"]
  static let states = 1
  static let cellNames = ["GRUCell"]

  let kernels: GateKernels
  let gates: GateActivations
  let resetsAfter: Bool

  let dropout: CellDropout
  /// What training needs of the kernels besides.
  private(set) lazy var products = GateProducts(kernels, dropout)

  init(_ definition: Definition) throws(LayerFault) {
    let units = try definition.int("units", "output_dim")
    gates = try GateActivations(definition)
    resetsAfter =
      definition.className == "CuDNNGRU"
      || definition.flag("reset_after", default: definition.age == .three)
    dropout = try CellDropout(definition, gates: 3)
    kernels = GateKernels(
      try GateVariables(
        definition, units: units, gates: ["z", "r", "h"], separateBiases: resetsAfter),
      gates: 3, splits: resetsAfter ? [] : [2])
  }

  var parameters: [Parameter] { kernels.variables.parameters }
  func prepare() { kernels.prepare() }

  func infer(step: [Int]) throws(LayerFault) -> [Int] { try kernels.infer(step: step) }

  func scratch(step: [Int], rows: Int) -> Int { 2 * rows * kernels.width }

  func advance(
    _ x: UnsafePointer<Float>, stride: Int, step: [Int], _ states: UnsafeMutablePointer<Float>,
    rows: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    let (units, width) = (kernels.units, kernels.width)
    kernels.multiplyInput(x, stride: stride, rows: rows, into: scratch)
    let state = scratch + rows * width
    if resetsAfter {
      kernels.multiplyState(
        states, rows: rows, into: state, stride: width, bias: kernels.bias(1), adding: false)
      gates.gru(scratch, state, h: states, rows: rows, units: units)
    } else {
      kernels.multiplyState(states, rows: rows, into: state, stride: 2 * units, adding: false)
      let reset = state + rows * 2 * units
      gates.gruReset(scratch, state, h: states, into: reset, rows: rows, units: units)
      kernels.multiplyState(
        reset, part: 1, rows: rows, into: scratch + 2 * units, stride: width, adding: true)
      gates.gruBlend(scratch, h: states, rows: rows, units: units)
    }
  }
}

extension GRU: CalibratedCell {
  var kernelUses: [KernelUse] { kernels.kernelUses }

  func giveInputs(
    of use: Int, _ x: UnsafePointer<Float>, stride: Int, step: [Int],
    _ state: UnsafePointer<Float>, rows: Int, scratch: UnsafeMutablePointer<Float>,
    to take: RowTaker
  ) {
    let (units, width) = (kernels.units, kernels.width)
    switch kernels.part(of: use) {
    case nil: take(x, rows, stride, 0)
    case 1:
      // The last gate sees r·h.
      kernels.multiplyInput(x, stride: stride, rows: rows, into: scratch)
      let gated = scratch + rows * width
      let reset = gated + rows * 2 * units
      kernels.multiplyState(state, rows: rows, into: gated, stride: 2 * units, adding: false)
      gates.gruReset(scratch, gated, h: state, into: reset, rows: rows, units: units)
      take(reset, rows, units, 0)
    default: take(state, rows, units, 0)
    }
  }
}
