import CKernels
import Keras
import Tensors

/// `DepthwiseConv1D`, `DepthwiseConv2D`: every channel under kernels of its own.
final class DepthwiseConv: ProductLayer {
  static let classNames = ["DepthwiseConv1D", "DepthwiseConv2D"]
  static let hasChannels = true

  private let settings: ConvolutionSettings
  private let kernel: Parameter
  private let bias: Parameter?
  private let channels: Int
  private let multiplier: Int
  let following: Following

  init(_ definition: Definition) throws(LayerFault) {
    settings = try ConvolutionSettings(definition)
    multiplier = try definition.int("depth_multiplier", default: 1)
    kernel = try definition.variable(
      definition.variables["kernel"] == nil ? "depthwise_kernel" : "kernel",
      rank: settings.rank + 2)
    channels = kernel.shape[settings.rank]
    guard Array(kernel.shape.prefix(settings.rank)) == settings.kernel,
      kernel.shape[settings.rank + 1] == multiplier
    else {
      throw .weight(
        "the kernel has the shape \(Signal.text(kernel.shape)) for kernels of \(Signal.text(settings.kernel)), \(multiplier) a channel"
      )
    }
    let outputs = channels * multiplier
    bias = definition.settings.hasBias ? try definition.variable("bias", shape: [outputs]) : nil
    following = try Following(
      bias: bias, activation: try definition.activation("activation"), channels: outputs)
  }

  var parameters: [Parameter] { [kernel] + (bias.map { [$0] } ?? []) }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    let windows = try settings.windows(input)
    guard input.width == channels else {
      throw .bad("takes \(channels) channels and is given the shape \(input.text)")
    }
    return [Signal(windows.map(\.output) + [following.width])]
  }

  private func geometry(_ call: Invocation) -> ck_conv_geometry {
    ck_conv_geometry(
      settings.checkedWindows(call.inputs[0]), channels: channels, outputs: channels * multiplier)
  }

  func scratch(_ call: Invocation, rows: Int, following: Following) -> Int {
    var geometry = geometry(call)
    let outputs = Int(geometry.out_height) * Int(geometry.out_width)
    return Floats.rounded(ck_depthwise_scratch_size(&geometry))
      + following.scratch(rows: rows * outputs)
  }

  func forward(_ frame: Frame, following: Following) {
    var geometry = geometry(frame.call)
    let own = Floats.rounded(ck_depthwise_scratch_size(&geometry))
    following.run(
      frame, rows: frame.rows * frame.outputs[0].outer, scratch: frame.scratch + own
    ) { y, epilogue in
      var epilogue = epilogue
      ck_depthwise(
        &geometry, kernel.values, &epilogue, frame.rows, frame.input(), y, frame.scratch)
    }
  }
}

extension DepthwiseConv: Calibrated {
  var kernelUses: [KernelUse] { [.depthwise(kernel, settings, bias: bias)] }

  func giveInputs(of use: Int, in frame: Frame, to take: RowTaker) {
    Patches(settings.checkedWindows(frame.call.inputs[0]), channels: channels, groups: channels)
      .give(frame.input(), images: frame.rows, to: take)
  }
}

extension KernelUse {
  /// A kernel `[kernel…][channels][multiplier]`, each of whose channels is a group.
  static func depthwise(
    _ kernel: Parameter, _ settings: ConvolutionSettings, bias: Parameter? = nil
  ) -> KernelUse {
    let shape = [settings.kernel.reduce(1, *)] + kernel.shape.suffix(2)
    return KernelUse(
      kernel, KernelMatrices(shape: shape, groups: [1], inputs: [0], outputs: [2]), bias: bias)
  }
}

extension DepthwiseConv: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  func trainingScratch(_ call: Invocation, rows: Int) -> Int {
    let windows = settings.checkedWindows(call.inputs[0])
    let back = DepthwiseGradient(
      windows: windows, channels: channels, outputs: channels * multiplier)
    return max(scratch(call, rows: rows), back.scratch)
  }

  func backward(_ frame: TrainingFrame) {
    let windows = settings.checkedWindows(frame.call.inputs[0])
    let dy = frame.outputGradient()
    let positions = frame.rows * windows.reduce(1) { $0 * $1.output }
    let outputs = channels * kernel.shape[settings.rank + 1]
    if let bias, let gradient = frame.gradient(of: bias) {
      ColumnSums.add(dy, rows: positions, width: outputs, to: gradient)
    }
    let back = DepthwiseGradient(windows: windows, channels: channels, outputs: outputs)
    if let gradient = frame.gradient(of: kernel) {
      back.addKernel(frame.input(), dy, images: frame.rows, to: gradient, scratch: frame.scratch)
    }
    if let dx = frame.inputGradient() {
      back.input(kernel.values, dy, images: frame.rows, into: dx, scratch: frame.scratch)
    }
  }
}
