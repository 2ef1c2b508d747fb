import CKernels
import Keras

/// `ConvLSTM1D`, `ConvLSTM2D`, `ConvLSTM3D`: an LSTM whose products are convolutions, so that its
/// states are images. The state is always convolved with `same` padding and stride 1.
final class ConvLSTM: RecurrentCell {
  static let layerNames = (1...3).map { "ConvLSTM\($0)D" }
  static let cellNames = (1...3).map { "ConvLSTM\($0)DCell" }
  static let states = 2

  private let settings: ConvolutionSettings
  private let gates: GateActivations
  private let kernel: Parameter
  private let recurrent: Parameter
  private let bias: Parameter?
  private let channels: Int
  private let filters: Int
  private let input: PackedConvolution
  private let state: PackedConvolution

  init(_ definition: Definition) throws(LayerFault) {
    guard definition.age > .one else { throw .unsupported("a ConvLSTM of Keras 1") }
    guard !definition.settings.isChannelsFirst else {
      throw .unsupported("a ConvLSTM with its channels first")
    }
    settings = try ConvolutionSettings(definition)
    gates = try GateActivations(definition)
    filters = try definition.int("filters")
    kernel = try definition.variable("kernel", rank: settings.rank + 2)
    channels = kernel.shape[settings.rank]
    let (width, wraps) = filters.multipliedReportingOverflow(by: 4)
    guard !wraps, kernel.shape == settings.kernel + [channels, width], channels > 0 else {
      throw .weight(
        "'kernel' has the shape \(Signal.text(kernel.shape)) for \(filters) filters of \(Signal.text(settings.kernel))"
      )
    }
    recurrent = try definition.variable(
      "recurrent_kernel", shape: settings.kernel + [filters, width])
    bias = definition.settings.hasBias ? try definition.variable("bias", shape: [width]) : nil
    input = PackedConvolution(
      kernel: settings.kernel, inputs: channels, outputs: width, groups: 1)
    state = PackedConvolution(
      kernel: settings.kernel, inputs: filters, outputs: width, groups: 1)
  }

  var parameters: [Parameter] { [kernel, recurrent] + (bias.map { [$0] } ?? []) }

  func prepare() {
    input.pack(kernel.values)
    state.pack(recurrent.values)
  }

  func infer(step: [Int]) throws(LayerFault) -> [Int] {
    let windows = try settings.windows(Signal(step))
    guard step.last == channels else {
      throw .bad("takes \(channels) channels and is given the shape \(Signal.text(step))")
    }
    _ = try stateWindows(windows)
    return windows.map(\.output) + [filters]
  }

  private func stateWindows(_ windows: [Window]) throws(LayerFault) -> [Window] {
    var own: [Window] = []
    for window in windows {
      own.append(try Window(window.output, kernel: window.kernel, stride: 1, padding: .same))
    }
    return own
  }

  private func windows(_ step: [Int]) -> (input: [Window], state: [Window]) {
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
    first.shift = bias.map { UnsafePointer($0.values) }
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
