import CKernels
import Keras
import Tensors

/// `ConvLSTM1D`, `ConvLSTM2D`, `ConvLSTM3D`: an LSTM whose products are convolutions, so that its
/// states are images. The state is always convolved with `same` padding and stride 1.
///
/// What runs has its channels last; `ChannelsFirstConvLSTM` turns values around it.
final class ConvLSTM: RecurrentCell {
  static let layerNames = (1...3).map { "ConvLSTM\($0)D" }
  static let cellNames = (1...3).map { "ConvLSTM\($0)DCell" }
  static let states = 2

  let settings: ConvolutionSettings
  let gates: GateActivations
  /// One variable for all gates, or in Keras 1 one a gate.
  let kernels: [Parameter]
  let recurrent: [Parameter]
  let biases: [Parameter]
  let bias: UnsafeMutablePointer<Float>?
  let channels: Int
  let filters: Int
  let input: PackedConvolution
  let state: PackedConvolution
  let dropout: CellDropout
  /// What training needs of both convolutions besides, by the shape of a time step.
  private(set) var products: [[Int]: (input: GateConvolution, state: GateConvolution)] = [:]

  init(_ definition: Definition) throws(LayerFault) {
    if definition.age == .one, definition.settings.isChannelsFirst {
      throw .unsupported("a ConvLSTM of Keras 1 with its channels first")
    }
    settings = try ConvolutionSettings(definition)
    gates = try GateActivations(definition)
    dropout = try CellDropout(definition, gates: 4, isAlwaysSeparate: true)
    filters = try definition.int("filters", "nb_filter")
    let (width, wraps) = filters.multipliedReportingOverflow(by: 4)
    let isSeparate = definition.variables["kernel_i"] != nil
    let endings = isSeparate ? ["_i", "_f", "_c", "_o"] : [""]
    let own = isSeparate ? filters : width
    let first = try definition.variable("kernel\(endings[0])", rank: settings.rank + 2)
    channels = first.shape[settings.rank]
    guard !wraps, width < 1 << 31, channels > 0 else {
      throw .weight("'\(first.name)' has the shape \(Signal.text(first.shape))")
    }
    var all: (kernels: [Parameter], recurrent: [Parameter], biases: [Parameter]) = ([], [], [])
    for ending in endings {
      all.kernels.append(
        try definition.variable("kernel\(ending)", shape: settings.kernel + [channels, own]))
      all.recurrent.append(
        try definition.variable(
          "recurrent_kernel\(ending)", shape: settings.kernel + [filters, own]))
      if definition.settings.hasBias {
        all.biases.append(try definition.variable("bias\(ending)", shape: [own]))
      }
    }
    (kernels, recurrent, biases) = all
    bias = biases.isEmpty ? nil : Floats.allocate(width)
    input = PackedConvolution(
      kernel: settings.kernel, inputs: channels, outputs: width, groups: 1)
    state = PackedConvolution(
      kernel: settings.kernel, inputs: filters, outputs: width, groups: 1)
  }

  deinit { bias?.deallocate() }

  var parameters: [Parameter] { kernels + recurrent + biases }

  func prepare() {
    joined(kernels, input.pack)
    joined(recurrent, state.pack)
    guard let bias else { return }
    joined(biases) { bias.update(from: $0, count: 4 * filters) }
  }

  /// Gives `use` the variables of all gates side by side, `[…][gates][filters]`.
  func joined(_ parts: [Parameter], _ use: (UnsafePointer<Float>) -> Void) {
    guard parts.count > 1 else { return use(parts[0].values) }
    let rows = parts[0].count / filters
    let memory = Floats.allocate(parts.count * parts[0].count)
    defer { memory.deallocate() }
    for (gate, part) in parts.enumerated() {
      Rows.copy(
        part.values, to: memory + gate * filters, stride: parts.count * filters, rows: rows,
        width: filters)
    }
    use(memory)
  }

  func infer(step: [Int]) throws(LayerFault) -> [Int] {
    let windows = try settings.windows(Signal(step))
    guard step.last == channels else {
      throw .bad("takes \(channels) channels and is given the shape \(Signal.text(step))")
    }
    let own = try stateWindows(windows)
    if products[step] == nil {
      products[step] = (
        GateConvolution(input, windows, channels: channels, filters: filters),
        GateConvolution(state, own, channels: filters, filters: filters)
      )
    }
    return windows.map(\.output) + [filters]
  }

  private func stateWindows(_ windows: [Window]) throws(LayerFault) -> [Window] {
    var own: [Window] = []
    for window in windows {
      own.append(try Window(window.output, kernel: window.kernel, stride: 1, padding: .same))
    }
    return own
  }

  func windows(_ step: [Int]) -> (input: [Window], state: [Window]) {
    let windows = settings.checkedWindows(Signal(step))
    guard let own = try? stateWindows(windows) else {
      preconditionFailure("infer has checked it")
    }
    return (windows, own)
  }

  /// The gates of all rows, then what one convolution needs.
  func scratch(step: [Int], rows: Int) -> Int {
    let windows = windows(step)
    let positions = windows.input.reduce(1) { $0 * $1.output }
    return Floats.rounded(rows * positions * 4 * filters)
      + max(input.scratch(windows.input), state.scratch(windows.state))
  }

  func advance(
    _ x: UnsafePointer<Float>, stride: Int, step: [Int], _ states: UnsafeMutablePointer<Float>,
    rows: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    let windows = windows(step)
    let positions = windows.input.reduce(1) { $0 * $1.output }
    let own = scratch + Floats.rounded(rows * positions * 4 * filters)
    var first = ck_epilogue()
    first.shift = UnsafePointer(bias)
    var second = ck_epilogue()
    second.accumulate = true
    for row in 0..<rows {
      let z = scratch + row * positions * 4 * filters
      input.run(windows.input, images: 1, x + row * stride, first, into: z, scratch: own)
      state.run(
        windows.state, images: 1, states + row * positions * filters, second, into: z,
        scratch: own)
    }
    // Every position is a unit's row of its own.
    gates.lstm(
      scratch, c: states + rows * positions * filters, h: states, rows: rows * positions,
      units: filters)
  }
}

extension ConvLSTM: CalibratedCell {
  /// The input kernels, then the recurrent ones.
  var kernelUses: [KernelUse] {
    let places = settings.kernel.reduce(1, *)
    return [(kernels, channels), (recurrent, filters)].flatMap { parts, inputs in
      parts.enumerated().map { gate, kernel in
        let outputs = 4 * filters / parts.count
        let matrices = KernelMatrices(
          shape: [places * inputs, outputs], inputs: [0], outputs: [1])
        return KernelUse(kernel, matrices, bias: biases.isEmpty ? nil : biases[gate])
      }
    }
  }

  func giveInputs(
    of use: Int, _ x: UnsafePointer<Float>, stride: Int, step: [Int],
    _ state: UnsafePointer<Float>, rows: Int, scratch: UnsafeMutablePointer<Float>,
    to take: RowTaker
  ) {
    let windows = windows(step)
    guard use < kernels.count else {
      return Patches(windows.state, channels: filters).give(state, images: rows, to: take)
    }
    let patches = Patches(windows.input, channels: channels)
    for row in 0..<rows { patches.give(x + row * stride, images: 1, to: take) }
  }
}
