import Tensors

/// Everything that a run needs to go on from where it is, as if it had never stopped.
public struct RunState: Sendable, Equatable {
  /// A step whose training has begun.
  public struct Current: Sendable, Equatable {
    public internal(set) var record: StepRecord
    /// Nil without validation rows: the last epoch is kept then.
    public internal(set) var watch: StoppingRule.Watch?
    /// The variables to be kept: a copy.
    public internal(set) var best: [[Float]]
  }

  /// Tells this run from every other: whatever decides its course, as the caller has it.
  public let run: String
  /// Epochs trained so far, in all steps.
  public internal(set) var epoch = 0
  /// Steps that are over.
  public internal(set) var records: [StepRecord] = []
  /// Nil between steps.
  public internal(set) var current: Current?
  /// One a tensor; empty before the first step.
  public internal(set) var masks: [Mask] = []
  /// Of the trainer; filled in where the state is to be stored.
  public internal(set) var variables: [[Float]] = []
  public internal(set) var optimizer: [[Float]] = []

  public init(run: String) { self.run = run }
}

/// What happens in the course of a run, for progress.
public enum RunEvent: Sendable {
  /// Pruned and measured; the training begins.
  case stepBegan(StepRecord)
  /// The last of the record's trace is new. `improved`: it is the best so far.
  case epochEnded(StepRecord, improved: Bool)
  /// The best weights are in place again.
  case stepEnded(StepRecord)
}

/// Who is told of a run. What these throw ends it.
public struct RunObserver {
  public var observe: (RunEvent) throws -> Void
  /// Called at the end of every epoch and step with all that it takes to go on; nil saves the copies.
  public var checkpoint: ((RunState) throws -> Void)?

  public init(
    observe: @escaping (RunEvent) throws -> Void = { _ in },
    checkpoint: ((RunState) throws -> Void)? = nil
  ) {
    self.observe = observe
    self.checkpoint = checkpoint
  }
}
