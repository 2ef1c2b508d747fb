import JSON

/// What a pruning run did: schema `coppice.prune/1`.
public struct PruneReport: Sendable, Equatable {
  public static let schema = "coppice.prune/1"

  /// The long options that give this run again, as `--config` reads them.
  public var command: JSON.Object
  /// Of coppice.
  public var version: String
  public var seed: Int
  public var threads: Int
  public var input: FileFacts
  /// nil when nothing was written (`--dry-run`).
  public var output: FileFacts?
  public var plan: [PlannedStep]
  public var sparsity: Sparsity
  public var steps: [Step] = []
  public var sizes: SizeTable
  /// nil when no data was given.
  public var metrics: Metrics?
  /// nil where no calibration data were used.
  public var calibration: Calibration?
  /// nil where `--values` was not given.
  public var values: ValuesReport?
  public var tensors: [Tensor]
  /// Tensors that were not prunable or not selected, with the reason.
  public var leftAlone: [LeftAlone] = []
  /// What a person should know: nothing changed, accuracy not measured.
  public var notes: [String] = []
  /// Wall time of the whole run.
  public var seconds: Double
  /// `-v`: the text lists what was left alone.
  public var isVerbose = false
  /// Optimizer, rates, batch and rows of the training; nil where there was none.
  public var training: JSON.Object?
  /// Whether nothing was pruned, but a model trained: words of the text alone.
  public var trainsOnly = false

  public init(
    command: JSON.Object, version: String, seed: Int, threads: Int, input: FileFacts,
    output: FileFacts?, plan: [PlannedStep], sparsity: Sparsity, sizes: SizeTable,
    tensors: [Tensor], seconds: Double
  ) {
    self.command = command
    self.version = version
    self.seed = seed
    self.threads = threads
    self.input = input
    self.output = output
    self.plan = plan
    self.sparsity = sparsity
    self.sizes = sizes
    self.tensors = tensors
    self.seconds = seconds
  }

  /// One pruning event as it was planned.
  public struct PlannedStep: Sendable, Equatable {
    /// From 1.
    public var step: Int
    /// Cumulative sparsity, 0…1; nil where the target is no sparsity (a threshold).
    public var target: Double?
    public var epochsMax: Int

    public init(step: Int, target: Double?, epochsMax: Int = 0) {
      self.step = step
      self.target = target
      self.epochsMax = epochsMax
    }
  }

  /// Zeros at the end, in prunable weights: `pruned + kept = of`.
  public struct Sparsity: Sendable, Equatable {
    public var target: Double?
    public var pruned: Int
    public var of: Int
    /// Zeros that were there before the run.
    public var before: Int

    public init(target: Double?, before: Int, pruned: Int, of: Int) {
      self.target = target
      self.before = before
      self.pruned = pruned
      self.of = of
    }

    public var kept: Int { of - pruned }
    public var achieved: Double? { share(pruned, of: of) }
  }

  /// One pruning event as it went.
  public struct Step: Sendable, Equatable {
    public var step: Int
    public var target: Double?
    public var achieved: Double?
    public var epochs: Int
    public var seconds: Double
    /// Loss, accuracy and so on before and after training; nil when nothing was measured.
    public var before: JSON.Object?
    public var after: JSON.Object?

    public init(
      step: Int, target: Double?, achieved: Double?, epochs: Int = 0, seconds: Double,
      before: JSON.Object? = nil, after: JSON.Object? = nil
    ) {
      self.step = step
      self.target = target
      self.achieved = achieved
      self.epochs = epochs
      self.seconds = seconds
      self.before = before
      self.after = after
    }
  }

  /// Loss, accuracy and so on of the three models.
  public struct Metrics: Sendable, Equatable {
    public var dense: JSON.Object?
    public var pruned: JSON.Object?
    /// Of the output, read back from the disk.
    public var readBack: JSON.Object?

    public init(dense: JSON.Object?, pruned: JSON.Object?, readBack: JSON.Object?) {
      self.dense = dense
      self.pruned = pruned
      self.readBack = readBack
    }
  }

  /// A tensor that was in the run.
  public struct Tensor: Sendable, Equatable {
    public var name: String
    public var shape: [Int]
    public var count: Int
    public var kept: Int
    /// Zeros before the run.
    public var zerosBefore: Int
    /// How it is packed, where the output is a `.csrm`.
    public var encoding: String?
    /// What the output spends on it.
    public var bytes: Int?

    public init(
      name: String, shape: [Int], count: Int, zerosBefore: Int, kept: Int,
      encoding: String? = nil, bytes: Int? = nil
    ) {
      self.name = name
      self.shape = shape
      self.count = count
      self.zerosBefore = zerosBefore
      self.kept = kept
      self.encoding = encoding
      self.bytes = bytes
    }

    public var sparsity: Double? { share(count - kept, of: count) }
    public var sparsityBefore: Double? { share(zerosBefore, of: count) }
  }

  public struct LeftAlone: Sendable, Equatable {
    public var name: String
    public var reason: String

    public init(name: String, reason: String) {
      self.name = name
      self.reason = reason
    }
  }
}
