import CKernels
import Keras
import Tensors

/// `SeparableConv1D`, `SeparableConv2D`: a depthwise convolution, then one of 1 × 1 over its channels.
final class SeparableConv: ProductLayer {
  static let classNames = [
    "SeparableConv1D", "SeparableConv2D", "SeparableConvolution1D", "SeparableConvolution2D",
  ]
  static let hasChannels = true

  private let settings: ConvolutionSettings
  private let depthwise: Parameter
  private let pointwise: Parameter
  private let bias: Parameter?
  private let channels: Int
  private let between: Int
  private let filters: Int
  private let packed: PackedConvolution
  let following: Following

  init(_ definition: Definition) throws(LayerFault) {
    settings = try ConvolutionSettings(definition)
    if definition.age == .one, definition.settings.value("dim_ordering") == "th" {
      throw .unsupported("a separable convolution in Theano's order of dimensions")
    }
    filters = try definition.int("filters", "nb_filter")
    let multiplier = try definition.int("depth_multiplier", default: 1)
    depthwise = try definition.variable("depthwise_kernel", rank: settings.rank + 2)
    channels = depthwise.shape[settings.rank]
    guard Array(depthwise.shape.prefix(settings.rank)) == settings.kernel,
      depthwise.shape[settings.rank + 1] == multiplier
    else {
      throw .weight(
        "'depthwise_kernel' has the shape \(Signal.text(depthwise.shape)) for kernels of \(Signal.text(settings.kernel)), \(multiplier) a channel"
      )
    }
    between = channels * multiplier
    let ones = [Int](repeating: 1, count: settings.rank)
    pointwise = try definition.variable("pointwise_kernel", shape: ones + [between, filters])
    bias = definition.settings.hasBias ? try definition.variable("bias", shape: [filters]) : nil
    packed = PackedConvolution(kernel: [1, 1], inputs: between, outputs: filters, groups: 1)
    following = try Following(
      bias: bias, activation: try definition.activation("activation"), channels: filters)
  }

  var parameters: [Parameter] { [depthwise, pointwise] + (bias.map { [$0] } ?? []) }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    let windows = try settings.windows(input)
    guard input.width == channels else {
      throw .bad("takes \(channels) channels and is given the shape \(input.text)")
    }
    return [Signal(windows.map(\.output) + [following.width])]
  }

  func prepare() { packed.pack(pointwise.values) }

  /// One image after the other goes through both steps, so that what is between stays in the cache.
  func scratch(_ call: Invocation, rows: Int, following: Following) -> Int {
    let windows = settings.checkedWindows(call.inputs[0])
    var geometry = ck_conv_geometry(windows, channels: channels, outputs: between)
    let positions = windows.reduce(1) { $0 * $1.output }
    return Floats.rounded(ck_depthwise_scratch_size(&geometry))
      + Floats.rounded(positions * between)
      + Floats.rounded(packed.scratch(Self.points(positions)))
      + following.scratch(rows: rows * positions)
  }

  /// The 1 × 1 step sees all positions as one line.
  private static func points(_ positions: Int) -> [Window] {
    [
      .none,
      Window(spread: positions, kernel: 1, dilation: 1, output: positions, before: 0),
    ]
  }

  func forward(_ frame: Frame, following: Following) {
    let windows = settings.checkedWindows(frame.call.inputs[0])
    var geometry = ck_conv_geometry(windows, channels: channels, outputs: between)
    let positions = windows.reduce(1) { $0 * $1.output }
    let points = Self.points(positions)
    let middle = frame.scratch + Floats.rounded(ck_depthwise_scratch_size(&geometry))
    let own = middle + Floats.rounded(positions * between)
    let rest = own + Floats.rounded(packed.scratch(points))
    let image = frame.call.inputs[0].count
    following.run(
      frame, rows: frame.rows * positions, scratch: rest
    ) {
      y, epilogue in
      var plain = ck_epilogue()
      for row in 0..<frame.rows {
        ck_depthwise(
          &geometry, depthwise.values, &plain, 1, frame.input() + row * image, middle,
          frame.scratch)
        packed.run(
          points, images: 1, middle, epilogue.advanced(by: row * positions * filters),
          into: y + row * positions * filters, scratch: own)
      }
    }
  }
}

extension SeparableConv: Calibrated {
  var kernelUses: [KernelUse] {
    let matrices = KernelMatrices(shape: [between, filters], inputs: [0], outputs: [1])
    return [.depthwise(depthwise, settings), KernelUse(pointwise, matrices, bias: bias)]
  }

  func giveInputs(of use: Int, in frame: Frame, to take: RowTaker) {
    let windows = settings.checkedWindows(frame.call.inputs[0])
    guard use == 1 else {
      Patches(windows, channels: channels, groups: channels)
        .give(frame.input(), images: frame.rows, to: take)
      return
    }
    var geometry = ck_conv_geometry(windows, channels: channels, outputs: between)
    let positions = windows.reduce(1) { $0 * $1.output }
    let middle = frame.scratch + Floats.rounded(ck_depthwise_scratch_size(&geometry))
    var plain = ck_epilogue()
    for row in 0..<frame.rows {
      let image = frame.input() + row * frame.call.inputs[0].count
      ck_depthwise(&geometry, depthwise.values, &plain, 1, image, middle, frame.scratch)
      take(middle, positions, between, 0)
    }
  }
}

extension SeparableConv: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  /// What lies between the two steps, and its gradient.
  func trainingScratch(_ call: Invocation, rows: Int) -> Int {
    let windows = settings.checkedWindows(call.inputs[0])
    let positions = windows.reduce(1) { $0 * $1.output }
    let back = DepthwiseGradient(windows: windows, channels: channels, outputs: between)
    return scratch(call, rows: rows) + 2 * Floats.rounded(positions * between) + back.scratch
  }

  func backward(_ frame: TrainingFrame) {
    let windows = settings.checkedWindows(frame.call.inputs[0])
    var geometry = ck_conv_geometry(windows, channels: channels, outputs: between)
    let positions = windows.reduce(1) { $0 * $1.output }
    let middle = frame.scratch + Floats.rounded(ck_depthwise_scratch_size(&geometry))
    let slope = middle + Floats.rounded(positions * between)
    let own = slope + Floats.rounded(positions * between)
    let dy = frame.outputGradient()
    if let bias, let gradient = frame.gradient(of: bias) {
      ColumnSums.add(dy, rows: frame.rows * positions, width: filters, to: gradient)
    }
    let back = DepthwiseGradient(windows: windows, channels: channels, outputs: between)
    var plain = ck_epilogue()
    let image = frame.call.inputs[0].count
    for row in 0..<frame.rows {
      let (x, dy) = (frame.input() + row * image, dy + row * positions * filters)
      if let gradient = frame.gradient(of: pointwise) {
        ck_depthwise(&geometry, depthwise.values, &plain, 1, x, middle, frame.scratch)
        Product.multiplyTransposed(
          middle, stride: between, columns: between, rows: positions, dy, stride: filters,
          width: filters, into: gradient)
      }
      Product.multiply(
        dy, stride: filters, rows: positions, pointwise.values, stride: filters,
        isTransposed: true, inner: filters, columns: between, into: slope, stride: between)
      if let gradient = frame.gradient(of: depthwise) {
        back.addKernel(x, slope, images: 1, to: gradient, scratch: own)
      }
      if let dx = frame.inputGradient() {
        back.input(depthwise.values, slope, images: 1, into: dx + row * image, scratch: own)
      }
    }
  }
}
