import CKernels
import Keras
import Tensors

/// `Conv1DTranspose`, `Conv2DTranspose`, `Conv3DTranspose`: the input's elements with stride − 1
/// zeros between them, under the kernel turned round.
final class ConvTranspose: ProductLayer {
  static let classNames = [
    "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", "Convolution1DTranspose",
    "Convolution2DTranspose", "Convolution3DTranspose", "Deconvolution2D", "Deconv2D",
  ]
  static let hasChannels = true

  private let settings: ConvolutionSettings
  private let outputPadding: [Int]?
  private let kernel: Parameter
  private let bias: Parameter?
  private let filters: Int
  private let channels: Int
  private let packed: PackedConvolution
  let following: Following
  /// The convolution of which this is the way back, and its way back: by a call's number.
  private var backs: [Int: Back] = [:]

  private struct Back {
    var windows: [Window]
    var kernel: PackedConvolution
    /// Nil over three dimensions.
    var products: ConvolutionBack?
  }

  init(_ definition: Definition) throws(LayerFault) {
    if definition.age == .one { throw .unsupported("a transposed convolution of Keras 1") }
    settings = try ConvolutionSettings(definition)
    guard settings.groups == 1 else { throw .unsupported("a transposed convolution in groups") }
    guard settings.padding != .causal else { throw .bad("padding is causal, which Keras refuses") }
    filters = try definition.int("filters", "nb_filter")
    outputPadding =
      definition.settings.value("output_padding") == nil
      ? nil : try definition.ints("output_padding", count: settings.rank, least: 0)
    kernel = try definition.variable("kernel", rank: settings.rank + 2)
    guard Array(kernel.shape.prefix(settings.rank)) == settings.kernel,
      kernel.shape[settings.rank] == filters
    else {
      throw .weight(
        "'kernel' has the shape \(Signal.text(kernel.shape)) for \(filters) filters of \(Signal.text(settings.kernel))"
      )
    }
    channels = kernel.shape[settings.rank + 1]
    bias = definition.settings.hasBias ? try definition.variable("bias", shape: [filters]) : nil
    packed = PackedConvolution(
      kernel: settings.kernel, inputs: channels, outputs: filters, groups: 1)
    following = try Following(
      bias: bias, activation: try definition.activation("activation"), channels: filters)
  }

  var parameters: [Parameter] { [kernel] + (bias.map { [$0] } ?? []) }

  /// One dimension: the spread input, and the window that makes the result of it.
  private struct Spread {
    var input: Int
    var stride: Int
    var window: Window
    var spread: Int { (input - 1) * stride + 1 }
  }

  private func spreads(_ input: Signal) throws(LayerFault) -> [Spread] {
    guard input.rank == settings.rank + 1, input.width == channels else {
      throw .bad(
        "takes \(settings.rank + 1) dimensions, the last of \(channels) channels, and is given the shape \(input.text)"
      )
    }
    var all: [Spread] = []
    for i in 0..<settings.rank {
      let (n, k, s, d) = (
        input.shape[i], settings.kernel[i], settings.strides[i], settings.dilation[i]
      )
      guard n > 0, Plan.floats(of: [n, s], 1) != nil, Plan.floats(of: [k, d], 1) != nil else {
        throw .bad("an input of \(n) with stride \(s) is too large, or empty")
      }
      let reach = (k - 1) * d + 1
      // keras-files.md, section 6: valid (n − 1)s + max(reach, s); same ns; with an output padding p
      // (n − 1)s + reach − 2⌊reach/2⌋ + p for same, (n − 1)s + reach + p for valid.
      let whole = (n - 1) * s + reach
      var length = settings.padding == .same ? n * s : (n - 1) * s + max(reach, s)
      if let p = outputPadding?[i] {
        guard p < s else { throw .bad("output_padding \(p) is not below the stride \(s)") }
        length = settings.padding == .same ? whole - 2 * (reach / 2) + p : whole + p
      }
      // What is too much of the whole goes half before, the odd one after.
      let cropped = settings.padding == .same ? max(whole - length, 0) / 2 : 0
      guard length > 0 else { throw .bad("the output would be empty") }
      all.append(
        Spread(
          input: n, stride: s,
          window: Window(
            spread: (n - 1) * s + 1, kernel: k, dilation: d, output: length,
            before: reach - 1 - cropped)))
    }
    return all
  }

  private func checkedSpreads(_ input: Signal) -> [Spread] {
    guard let spreads = try? spreads(input) else { preconditionFailure("infer has checked it") }
    return spreads
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    let spreads = try spreads(try call.only())
    let windows = zip(spreads, settings.strides).map { spread, stride in
      Window(
        over: spread.window.output, kernel: spread.window.kernel, stride: stride,
        dilation: spread.window.dilation, output: spread.input,
        before: spread.window.reach - 1 - spread.window.before)
    }
    backs[call.number] = Back(
      windows: windows,
      kernel: PackedConvolution(
        kernel: settings.kernel, inputs: filters, outputs: channels, groups: 1),
      products: settings.rank < 3
        ? ConvolutionBack(windows, channels: filters, outputs: channels, groups: 1) : nil)
    return [Signal(spreads.map(\.window.output) + [following.width])]
  }

  /// The kernel `[kernel…][out][in]` turned round in space, as `[kernel…][in][out]`.
  func prepare() {
    let turned = Floats.allocate(kernel.count)
    defer { turned.deallocate() }
    let places = settings.kernel.reduce(1, *)
    let plane = filters * channels
    for place in 0..<places {
      Transposition.apply(
        kernel.values + place * plane, shape: [filters, channels], order: [1, 0], rows: 1,
        into: turned + (places - 1 - place) * plane)
    }
    packed.pack(turned)
  }

  func scratch(_ call: Invocation, rows: Int, following: Following) -> Int {
    let spreads = checkedSpreads(call.inputs[0])
    let outputs = spreads.reduce(1) { $0 * $1.window.output }
    return Floats.rounded(spreads.reduce(channels) { $0 * $1.spread })
      + Floats.rounded(packed.scratch(spreads.map(\.window)))
      + following.scratch(rows: rows * outputs)
  }

  func forward(_ frame: Frame, following: Following) {
    let spreads = checkedSpreads(frame.call.inputs[0])
    let windows = spreads.map(\.window)
    let size = spreads.reduce(channels) { $0 * $1.spread }
    let wide = frame.scratch
    let own = wide + Floats.rounded(size)
    let image = spreads.reduce(channels) { $0 * $1.input }
    let result = windows.reduce(filters) { $0 * $1.output }
    let rest = own + Floats.rounded(packed.scratch(windows))
    following.run(
      frame, rows: frame.rows * frame.outputs[0].outer, scratch: rest
    ) { y, epilogue in
      for row in 0..<frame.rows {
        spread(frame.input() + row * image, spreads, into: wide, size)
        packed.run(
          windows, images: 1, wide, epilogue.advanced(by: row * result), into: y + row * result,
          scratch: own)
      }
    }
  }

  private func spread(
    _ x: UnsafePointer<Float>, _ spreads: [Spread], into y: UnsafeMutablePointer<Float>, _ size: Int
  ) {
    y.update(repeating: 0, count: size)
    let inner = spreads[spreads.count - 1]
    let outer = Array(spreads.dropLast())
    for line in 0..<outer.reduce(1, { $0 * $1.input }) {
      // Where the line goes among the spread ones.
      var (rest, place, step) = (line, 0, 1)
      for one in outer.reversed() {
        place += rest % one.input * one.stride * step
        rest /= one.input
        step *= one.spread
      }
      for i in 0..<inner.input {
        let target = y + (place * inner.spread + i * inner.stride) * channels
        target.update(from: x + (line * inner.input + i) * channels, count: channels)
      }
    }
  }
}

extension ConvTranspose: Calibrated {
  /// The rows are patches of the spread input, whose places are those of the kernel turned round.
  var kernelUses: [KernelUse] {
    let places = settings.kernel.reduce(1, *)
    let inputs = (0..<places).reversed().flatMap { place in
      (0..<channels).map { place * filters * channels + $0 }
    }
    let matrices = KernelMatrices(
      inputOffsets: inputs, outputOffsets: (0..<filters).map { $0 * channels })
    return [KernelUse(kernel, matrices, bias: bias, biasPlaces: Array(0..<filters))]
  }

  func giveInputs(of use: Int, in frame: Frame, to take: RowTaker) {
    let spreads = checkedSpreads(frame.call.inputs[0])
    let patches = Patches(spreads.map(\.window), channels: channels)
    let size = spreads.reduce(channels) { $0 * $1.spread }
    let image = spreads.reduce(channels) { $0 * $1.input }
    for row in 0..<frame.rows {
      spread(frame.input() + row * image, spreads, into: frame.scratch, size)
      patches.give(frame.scratch, images: 1, to: take)
    }
  }
}

/// The gradient of the input is the convolution that this one is the way back of, and the kernel's is
/// that convolution's with both sides changed over.
extension ConvTranspose: Trainable {
  var backwardReads: BackwardReads { [.inputs] }

  func prepareForTraining(wantsInputs: Bool) {
    prepare()
    // `[kernel…][filters][channels]` is what a convolution of the filters has.
    if wantsInputs { for back in backs.values { back.kernel.pack(kernel.values) } }
  }

  func trainingScratch(_ call: Invocation, rows: Int) -> Int {
    guard let back = backs[call.number] else { return 0 }
    return max(
      scratch(call, rows: rows), back.kernel.scratch(back.windows), back.products?.scratch ?? 0)
  }

  func backward(_ frame: TrainingFrame) {
    guard let back = backs[frame.call.number] else { return }
    let dy = frame.outputGradient()
    if let bias, let gradient = frame.gradient(of: bias) {
      ColumnSums.add(
        dy, rows: frame.rows * back.windows.reduce(1) { $0 * $1.input }, width: filters,
        to: gradient)
    }
    if let gradient = frame.gradient(of: kernel) {
      if let products = back.products {
        products.addKernel(
          images: frame.rows, dy, frame.input(), to: gradient, scratch: frame.scratch)
      } else {
        ConvolutionGradient(
          windows: back.windows, channels: filters, outputs: channels, groups: 1
        ).addKernel(dy, frame.input(), images: frame.rows, to: gradient)
      }
    }
    if let dx = frame.inputGradient() {
      back.kernel.run(
        back.windows, images: frame.rows, dy, ck_epilogue(), into: dx, scratch: frame.scratch)
    }
  }
}
