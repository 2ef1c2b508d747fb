import CKernels
import Keras
import Tensors

/// `Conv1D`, `Conv2D`, `Conv3D`: y = activation(x ⋆ kernel + bias), a cross-correlation in groups of
/// channels.
final class Conv: ProductLayer {
  static let classNames = [
    "Conv1D", "Conv2D", "Conv3D", "Convolution1D", "Convolution2D", "Convolution3D",
    "AtrousConvolution1D", "AtrousConvolution2D", "AtrousConv1D", "AtrousConv2D",
  ]
  static let hasChannels = true

  private let settings: ConvolutionSettings
  private let kernel: Parameter
  private let bias: Parameter?
  private let filters: Int
  private let channels: Int
  /// Whether the file has the kernel as `[filters][channels][rows][columns]` (Keras 1 with Theano's
  /// order of dimensions).
  private let isFiltersFirst: Bool
  private let packed: PackedConvolution
  /// The way back of every call by the loops for one or two dimensions; three have none.
  private var backs: [Int: ConvolutionBack] = [:]
  let following: Following

  init(_ definition: Definition) throws(LayerFault) {
    settings = try ConvolutionSettings(definition)
    filters = try definition.int("filters", "nb_filter")
    kernel = try definition.variable("kernel")
    bias =
      definition.settings.hasBias ? try definition.variable("bias", shape: [filters]) : nil
    var shape = kernel.shape
    isFiltersFirst =
      definition.age == .one && definition.settings.value("dim_ordering") == "th"
      && settings.rank == 2
    if isFiltersFirst, shape.count == 4 {
      shape = [shape[2], shape[3], shape[1], shape[0]]
    } else if definition.age == .one, settings.rank == 1, shape.count == 4, shape[1] == 1 {
      // Keras 1 keeps a dimension of one in it.
      shape.remove(at: 1)
    }
    guard shape.count == settings.rank + 2, Array(shape.prefix(settings.rank)) == settings.kernel,
      shape.last == filters, filters % settings.groups == 0
    else {
      throw .weight(
        "'kernel' has the shape \(Signal.text(kernel.shape)) for \(filters) filters of \(Signal.text(settings.kernel)) in \(settings.groups) group\(settings.groups == 1 ? "" : "s")"
      )
    }
    channels = shape[settings.rank] * settings.groups
    packed = PackedConvolution(
      kernel: settings.kernel, inputs: channels, outputs: filters, groups: settings.groups)
    following = try Following(
      bias: bias, activation: try definition.activation("activation"), channels: filters)
  }

  var parameters: [Parameter] { [kernel] + (bias.map { [$0] } ?? []) }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let input = try call.only()
    let windows = try settings.windows(input)
    guard input.width == channels else {
      throw .bad("takes \(channels) channels and is given the shape \(input.text)")
    }
    if settings.rank < 3 {
      backs[call.number] = ConvolutionBack(
        windows, channels: channels, outputs: filters, groups: settings.groups)
    }
    // A mask goes with the steps of a Conv1D only where Keras says so: it does not.
    return [Signal(windows.map(\.output) + [following.width])]
  }

  func prepare() {
    guard isFiltersFirst else { return packed.pack(kernel.values) }
    let turned = Floats.allocate(kernel.count)
    defer { turned.deallocate() }
    Transposition.apply(
      kernel.values, shape: kernel.shape, order: [2, 3, 1, 0], rows: 1, into: turned)
    packed.pack(turned)
  }

  func scratch(_ call: Invocation, rows: Int, following: Following) -> Int {
    let windows = settings.checkedWindows(call.inputs[0])
    return packed.scratch(windows)
      + following.scratch(rows: rows * windows.reduce(1) { $0 * $1.output })
  }

  func forward(_ frame: Frame, following: Following) {
    let windows = settings.checkedWindows(frame.call.inputs[0])
    let own = packed.scratch(windows)
    following.run(
      frame, rows: frame.rows * frame.outputs[0].outer, scratch: frame.scratch + own
    ) { y, epilogue in
      packed.run(
        windows, images: frame.rows, frame.input(), epilogue, into: y, scratch: frame.scratch)
    }
  }
}

extension Conv: Calibrated {
  var kernelUses: [KernelUse] {
    let groups = settings.groups
    let matrices =
      isFiltersFirst
      ? KernelMatrices(shape: kernel.shape, inputs: [2, 3, 1], outputs: [0])
      : KernelMatrices(
        shape: [settings.kernel.reduce(1, *), channels / groups, groups, filters / groups],
        groups: [2], inputs: [0, 1], outputs: [3])
    let places = isFiltersFirst ? Array(0..<filters) : nil
    return [KernelUse(kernel, matrices, bias: bias, biasPlaces: places)]
  }

  func giveInputs(of use: Int, in frame: Frame, to take: RowTaker) {
    let windows = settings.checkedWindows(frame.call.inputs[0])
    Patches(windows, channels: channels, groups: settings.groups)
      .give(frame.input(), images: frame.rows, to: take)
  }
}

extension Conv: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  func prepareForTraining(wantsInputs: Bool) {
    prepare()
    guard wantsInputs else { return }
    inKeras(kernel.values, isRead: false) { values in
      for back in backs.values { back.pack(values) }
    }
  }

  func trainingScratch(_ call: Invocation, rows: Int) -> Int {
    max(scratch(call, rows: rows), backs[call.number]?.scratch ?? 0)
  }

  func backward(_ frame: TrainingFrame) {
    let windows = settings.checkedWindows(frame.call.inputs[0])
    let back = backs[frame.call.number]
    let dy = frame.outputGradient()
    let positions = frame.rows * windows.reduce(1) { $0 * $1.output }
    if let bias, let gradient = frame.gradient(of: bias) {
      ColumnSums.add(dy, rows: positions, width: filters, to: gradient)
    }
    let slow = ConvolutionGradient(
      windows: windows, channels: channels, outputs: filters, groups: settings.groups)
    if let gradient = frame.gradient(of: kernel) {
      inKeras(gradient, isRead: true) {
        if let back {
          back.addKernel(
            images: frame.rows, frame.input(), dy, to: $0, scratch: frame.scratch)
        } else {
          slow.addKernel(frame.input(), dy, images: frame.rows, to: $0)
        }
      }
    }
    guard let dx = frame.inputGradient() else { return }
    if let back {
      back.input(images: frame.rows, dy, into: dx, scratch: frame.scratch)
    } else {
      slow.input(kernel.values, dy, images: frame.rows, into: dx)
    }
  }

  /// Calls `body` with a kernel in Keras's usual layout, whatever the file's is; what it has written
  /// there comes back where `isRead`.
  private func inKeras(
    _ values: UnsafeMutablePointer<Float>, isRead: Bool,
    _ body: (UnsafeMutablePointer<Float>) -> Void
  ) {
    guard isFiltersFirst else { return body(values) }
    let turned = Floats.allocate(kernel.count)
    defer { turned.deallocate() }
    Transposition.apply(
      values, shape: kernel.shape, order: [2, 3, 1, 0], rows: 1, into: turned)
    body(turned)
    guard isRead else { return }
    let shape = [2, 3, 1, 0].map { kernel.shape[$0] }
    Transposition.apply(turned, shape: shape, order: [3, 2, 0, 1], rows: 1, into: values)
  }
}
