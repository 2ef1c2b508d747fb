/// What a tensor is for in its layer. Raw values are the `role` names of the JSON reports.
public enum Role: String, Sendable, Hashable, CaseIterable {
  case kernel
  case recurrentKernel = "recurrent_kernel"
  case depthwiseKernel = "depthwise_kernel"
  case pointwiseKernel = "pointwise_kernel"
  case bias
  case gamma, beta
  case movingMean = "moving_mean"
  case movingVariance = "moving_variance"
  case embeddings
  /// The slope of PReLU.
  case alpha
  /// Of RMSNormalization and of attention layers.
  case scale
  /// Of an adapted Normalization layer.
  case mean, variance, count
  /// Of SpectralNormalization.
  case vectorU = "vector_u"
  /// Of a quantised kernel.
  case kernelScale = "kernel_scale"
  case optimizer
  case other

  /// Whether these are the weights that pruning is about.
  public var isKernel: Bool {
    switch self {
    case .kernel, .recurrentKernel, .depthwiseKernel, .pointwiseKernel: true
    default: false
    }
  }

  /// Why a tensor of this role is left alone by default; nil for kernels and unknown roles.
  var whyNotPruned: String? {
    switch self {
    case .kernel, .recurrentKernel, .depthwiseKernel, .pointwiseKernel, .other: nil
    case .bias: "a bias"
    case .gamma, .beta, .movingMean, .movingVariance, .mean, .variance, .count, .vectorU:
      "normalisation"
    case .embeddings: "an embedding"
    case .alpha: "a slope of an activation"
    case .scale: "a scale"
    case .kernelScale: "the scale of a quantised kernel"
    case .optimizer: "optimizer state"
    }
  }
}
