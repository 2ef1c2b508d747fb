/// One pruning step as it went, with the training after it.
public struct StepRecord: Sendable, Equatable {
  /// Why the training of a step ended.
  public enum Ending: Sendable, Equatable {
    /// All epochs were trained.
    case epochs
    /// No improvement for as long as patience goes.
    case patience
    /// The loss was NaN or infinite in an epoch (from 1), at a batch (from 0).
    case notFinite(epoch: Int, batch: Int)
  }

  /// One epoch of the step, from 1.
  public struct Epoch: Sendable, Equatable {
    public var epoch: Int
    /// Mean of the training part.
    public var loss: Double
    /// After the epoch; nil without validation rows.
    public var validation: Metrics?
    public var seconds: Double

    public init(epoch: Int, loss: Double, validation: Metrics?, seconds: Double) {
      self.epoch = epoch
      self.loss = loss
      self.validation = validation
      self.seconds = seconds
    }
  }

  /// From 1; 0 for training without pruning.
  public var step: Int
  /// The share of zeros asked for; nil without pruning.
  public var target: Double?
  /// Masked weights.
  public var zeros: Int
  /// Weights of all masked tensors.
  public var of: Int
  public var epochsMax: Int
  public var trace: [Epoch] = []
  /// The epoch whose weights were kept; 0 is the state before training.
  public var bestEpoch = 0
  /// On the validation part: right after pruning, and of the weights that were kept.
  public var before: Metrics?
  public var after: Metrics?
  public var ending = Ending.epochs

  public init(step: Int, target: Double?, zeros: Int, of: Int, epochsMax: Int) {
    self.step = step
    self.target = target
    self.zeros = zeros
    self.of = of
    self.epochsMax = epochsMax
  }

  /// Epochs that were trained to their end.
  public var epochs: Int { trace.count }
  public var achieved: Double { of > 0 ? Double(zeros) / Double(of) : 0 }
  /// Of the training alone.
  public var seconds: Double { trace.reduce(0) { $0 + $1.seconds } }

  /// What a person should know of the step; nil where it went as planned.
  public var note: String? {
    guard case .notFinite(let epoch, let batch) = ending else { return nil }
    let place = step > 0 ? "step \(step), epoch \(epoch)" : "epoch \(epoch)"
    return
      "The loss was not finite (\(place), batch \(batch + 1)): the training stopped there, and the "
      + "weights of \(bestEpoch > 0 ? "epoch \(bestEpoch)" : "before it") were kept. "
      + "Lower --lr, or bound the gradient with --clip-norm."
  }
}
