import CKernels
import Keras

/// `BatchNormalization` as it predicts: every channel by the moving mean and variance, which is one
/// scale and one shift a channel.
final class BatchNormalization: ChannelScaling {
  static let classNames = [
    "BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2", "SyncBatchNormalization",
  ]

  let gamma: Parameter?
  let beta: Parameter?
  /// Keras 1 calls its variance `running_std`.
  let movingMean: Parameter
  let movingVariance: Parameter
  let epsilon: Float
  /// As the configuration counts it, the batch being 0.
  private let axis: Int
  let momentum: Float
  /// Whether it takes the statistics of the batch in training: a frozen one predicts.
  let isTrainable: Bool

  let channels: Int
  /// `y = x·scale + shift` by channel, of the variables as they were at the last `prepare`. A layer
  /// before this one may take them in.
  let scale: UnsafeMutablePointer<Float>
  let shift: UnsafeMutablePointer<Float>

  init(_ definition: Definition) throws(LayerFault) {
    if definition.age == .one, let mode = definition.settings.int("mode"), mode != 0 {
      throw .unsupported("mode \(mode) of Keras 1, which takes other samples into account,")
    }
    if let list = definition.settings.value("axis").flatMap(LayerReading.list) {
      // Keras 2 writes a list of one.
      guard list.count == 1, let only = LayerReading.size(list[0]) else {
        throw .unsupported("a batch normalization over more than one axis")
      }
      axis = only
    } else {
      axis = try definition.int("axis", least: -16, default: -1)
    }
    epsilon = try definition.float("epsilon", default: definition.age == .one ? 1e-5 : 1e-3)
    momentum = try definition.float("momentum", default: 0.99)
    isTrainable = definition.layer.isTrainable
    movingMean = try definition.variable("moving_mean", rank: 1)
    let shape = movingMean.shape
    movingVariance = try definition.variable("moving_variance", shape: shape)
    gamma =
      definition.flag("scale", default: true)
      ? try definition.variable("gamma", shape: shape) : nil
    beta =
      definition.flag("center", default: true)
      ? try definition.variable("beta", shape: shape) : nil
    channels = shape[0]
    scale = Floats.allocate(channels)
    shift = Floats.allocate(channels)
  }

  deinit {
    scale.deallocate()
    shift.deallocate()
  }

  var parameters: [Parameter] { [gamma, beta, movingMean, movingVariance].compactMap(\.self) }
  var worksInPlace: Bool { true }

  /// Whether the channels of an input of this shape are its last dimension.
  func isAlongLast(_ shape: [Int]) -> Bool { axis == -1 || axis == shape.count }

  func prepare() {
    for i in 0..<channels {
      let inverse = (movingVariance.values[i] + epsilon).squareRoot()
      scale[i] = (gamma?.values[i] ?? 1) / inverse
      shift[i] = (beta?.values[i] ?? 0) - movingMean.values[i] * scale[i]
    }
  }

  func infer(_ call: Invocation) throws(LayerFault) -> [Signal] {
    guard let input = call.inputs.first else { throw .bad("takes an input and is given none") }
    let place = try Axes.place(axis, rank: input.rank)
    guard input.shape[place] == channels else {
      throw .bad("normalizes \(channels) channels and is given the shape \(input.text)")
    }
    return [Signal(input.shape, mask: .same(as: 0))]
  }

  func forward(_ frame: Frame) {
    let (outer, inner) = channelSplit(of: frame.call)
    ChannelAffine.apply(
      frame.input(), scale: scale, shift: shift, frame.output(), outer: frame.rows * outer,
      channels: channels, inner: inner)
  }
}

/// A scale and a shift by channel.
enum ChannelAffine {
  /// `x` and `y` are `[outer][channels][inner]`, and may be the same memory.
  static func apply(
    _ x: UnsafePointer<Float>, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>,
    _ y: UnsafeMutablePointer<Float>, outer: Int, channels: Int, inner: Int
  ) {
    guard inner > 1 else {
      let linear = ck_activation(CK_LINEAR)
      return ck_affine_rows(x, scale, shift, y, outer, Int32(channels), linear, 0)
    }
    for row in 0..<outer {
      for channel in 0..<channels {
        let place = (row * channels + channel) * inner
        ck_affine(x + place, scale[channel], shift[channel], y + place, inner)
      }
    }
  }
}

extension BatchNormalization: Recalibrated {
  func channelSplit(of call: Invocation) -> (outer: Int, inner: Int) {
    let shape = call.inputs[0].shape
    let place = (axis < 0 ? axis + shape.count + 1 : axis) - 1
    return (shape[..<place].reduce(1, *), shape[(place + 1)...].reduce(1, *))
  }
}
