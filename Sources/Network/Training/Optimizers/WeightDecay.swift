import Keras

/// Weights drawn to 0 by the optimizer, beside the loss.
public enum WeightDecay: Sendable, Equatable {
  /// What Keras 3's `weight_decay` does: `w -= w·λ·η` before the step, of all variables that are
  /// trained, biases and normalisation too. `Optimizer.exclude_from_weight_decay` is not in a file.
  case keras(Double)
  /// What `--weight-decay` does, of kernels alone. With SGD it is coupled, as in PyTorch and in the
  /// paper: `g += λ·w` after clipping, so momentum carries it. With all others it is decoupled as in
  /// AdamW, since a coupled decay would be divided by the root of the squares.
  case kernels(Double)

  /// Sets what `step` says of decay for a variable of that role.
  func apply(to step: inout UpdateStep, of role: Role, with optimizer: any Optimizer) {
    step.decay = 0
    step.pull = 0
    switch self {
    case .keras(let decay): step.decay = Float(decay) * step.rate
    case .kernels(let decay):
      guard role.isKernel else { return }
      if optimizer is SGD {
        step.pull = Float(decay)
      } else {
        step.decay = Float(decay) * step.rate
      }
    }
  }
}
