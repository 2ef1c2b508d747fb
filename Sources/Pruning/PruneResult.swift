import Tensors

/// What a run came to. All counts are exact.
public struct PruneResult: Sendable, Equatable {
  /// One a candidate: clear where the weight is zero at the end, set where it stays.
  public var masks: [Mask]
  public var tensors: [TensorResult]
  public var steps: [Step]
  /// The sparsity asked for, where the target was one (or a number kept).
  public var target: Double?

  /// Zeros at the end.
  public var pruned: Int { tensors.reduce(0) { $0 + $1.pruned } }
  public var kept: Int { of - pruned }
  /// All candidates' weights.
  public var of: Int { tensors.reduce(0) { $0 + $1.count } }
  /// The sparsity reached, 0...1; 0 of no weights.
  public var achieved: Double { of == 0 ? 0 : Double(pruned) / Double(of) }
  /// Weights whose bytes differ at the end: newly pruned ones, and -0.0 that became +0.0.
  public var changed: Int { tensors.reduce(0) { $0 + $1.changed } }

  public struct TensorResult: Sendable, Equatable {
    public var name: String
    public var count: Int
    /// Zeros of either sign before.
    public var zerosBefore: Int
    public var negativeZerosBefore: Int
    /// NaN and infinities, which stay.
    public var nonfinite: Int
    /// Zeros at the end.
    public var pruned: Int
    /// Whether the tensor's bytes change. If not, it is to be left as it is, -0.0 too.
    public var isChanged: Bool

    public var kept: Int { count - pruned }
    public var sparsity: Double { count == 0 ? 0 : Double(pruned) / Double(count) }
    public var changed: Int { isChanged ? pruned - zerosBefore + negativeZerosBefore : 0 }
  }

  /// One pruning event.
  public struct Step: Sendable, Equatable {
    /// From 1.
    public var step: Int
    /// The sparsity asked for; nil where the target is none.
    public var target: Double?
    /// Zeros after it.
    public var pruned: Int
    /// The same as a share of all candidates' weights.
    public var achieved: Double

    public init(step: Int, target: Double?, pruned: Int, achieved: Double) {
      self.step = step
      self.target = target
      self.pruned = pruned
      self.achieved = achieved
    }
  }
}
