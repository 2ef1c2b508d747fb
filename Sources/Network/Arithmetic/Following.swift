import CKernels

/// What comes after a layer's products: bias, normalisation, another value added, activation; in the
/// epilogue of the kernel as far as that goes.
final class Following {
  let bias: Parameter?
  let activation: Activation
  /// Channels before the activation, which may change their number (`glu`).
  let channels: Int
  /// Channels of the result.
  let width: Int
  private let normalisation: (any ChannelScaling)?
  /// Which of the call's inputs is added.
  let added: Int?
  /// Scale, then shift, of every channel: bias and normalisation as one.
  private let folded: UnsafeMutablePointer<Float>?

  init(
    bias: Parameter?, normalisation: (any ChannelScaling)? = nil, added: Int? = nil,
    activation: Activation, channels: Int
  ) throws(LayerFault) {
    self.bias = bias
    self.normalisation = normalisation
    self.added = added
    self.activation = activation
    self.channels = channels
    width = try activation.width(from: channels)
    folded = normalisation == nil ? nil : Floats.allocate(2 * channels)
  }

  deinit { folded?.deallocate() }

  /// Takes the variables as they are now; the normalisation has to be prepared before.
  func prepare() {
    guard let folded, let normalisation else { return }
    let (scale, shift) = (normalisation.scale, normalisation.shift)
    for i in 0..<channels {
      folded[i] = scale[i]
      folded[channels + i] = (bias?.values[i] ?? 0) * scale[i] + shift[i]
    }
  }

  private func epilogue(_ frame: Frame) -> ck_epilogue {
    var epilogue = ck_epilogue()
    if let folded {
      epilogue.scale = UnsafePointer(folded)
      epilogue.shift = UnsafePointer(folded + channels)
    } else {
      epilogue.shift = bias.map { UnsafePointer($0.values) }
    }
    epilogue.residual = added.map { UnsafePointer(frame.input($0)) }
    if let (code, slope) = activation.epilogue {
      epilogue.activation = code
      epilogue.slope = slope
    }
    return epilogue
  }

  /// Floats that `run` needs for `rows` rows of the result.
  func scratch(rows: Int) -> Int { width == channels ? 0 : rows * channels }

  /// Has `products` write its rows with the epilogue done, and does the rest: the output of `frame`
  /// is `[rows][width]`.
  func run(
    _ frame: Frame, rows: Int, scratch: UnsafeMutablePointer<Float>,
    _ products: (UnsafeMutablePointer<Float>, ck_epilogue) -> Void
  ) {
    let y = frame.output()
    let target = width == channels ? y : scratch
    products(target, epilogue(frame))
    if activation.epilogue == nil || width != channels {
      activation.apply(target, y, rows: rows, width: channels)
    }
  }
}

extension Activation {
  /// The function as a kernel's epilogue takes it, with its slope; nil where it has to come after.
  var epilogue: (code: ck_activation, slope: Float)? {
    switch kind {
    case .linear: (ck_activation(CK_LINEAR), 0)
    case .function(let code, let slope) where code <= CK_LEAKY_RELU: (code, slope)
    default: nil
    }
  }
}

extension ck_epilogue {
  /// The same for results that begin `floats` floats on.
  func advanced(by floats: Int) -> ck_epilogue {
    var epilogue = self
    epilogue.residual = residual.map { $0 + floats }
    return epilogue
  }
}
