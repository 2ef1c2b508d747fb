import JSON

/// One run of a sweep as it came out.
public struct SweepPoint: Sendable, Equatable {
  public static let schema = "coppice.sweep-point/1"

  public var study: String
  public var coordinates: SweepCoordinates
  /// Pruning events.
  public var steps: Int
  /// Epochs that were trained, in all steps.
  public var epochs: Int
  /// Zeros of the prunable weights.
  public var zeros: Int
  public var of: Int
  /// On the validation part at the end: what selection goes by. Nil where there is none.
  public var validation: Metrics?
  /// On the test part: of the model pruned to the end without any training, and at the end.
  public var untrained: Metrics?
  public var test: Metrics
  /// Of the packed model.
  public var bytes: Int?
  public var seconds: Double
  /// How often gradients were taken on training rows for scores: once a step, or never.
  public var scoringPasses: Int
  /// The validation metric after each epoch, and the sparsity of the time.
  public var course: [Epoch]
  /// What `prune` would have said of the run (`coppice.prune/1`); nil where nothing was pruned.
  public var report: JSON.Value?

  public struct Epoch: Sendable, Equatable {
    /// From 1; 0 is right after the first pruning event.
    public var epoch: Int
    public var step: Int
    public var sparsity: Double
    public var value: Double?

    public init(epoch: Int, step: Int, sparsity: Double, value: Double?) {
      self.epoch = epoch
      self.step = step
      self.sparsity = sparsity
      self.value = value
    }
  }

  public init(
    study: String, coordinates: SweepCoordinates, steps: Int, epochs: Int, zeros: Int, of: Int,
    validation: Metrics?, untrained: Metrics? = nil, test: Metrics, bytes: Int? = nil,
    seconds: Double, scoringPasses: Int = 0, course: [Epoch] = [],
    report: JSON.Value? = nil
  ) {
    self.study = study
    self.coordinates = coordinates
    self.steps = steps
    self.epochs = epochs
    self.zeros = zeros
    self.of = of
    self.validation = validation
    self.untrained = untrained
    self.test = test
    self.bytes = bytes
    self.seconds = seconds
    self.scoringPasses = scoringPasses
    self.course = course
    self.report = report
  }

  /// The course of a run, from the records of its steps.
  public static func course(of records: [StepRecord], metric: String) -> [Epoch] {
    var course: [Epoch] = []
    var epoch = 0
    for record in records {
      course.append(
        Epoch(
          epoch: epoch, step: record.step, sparsity: record.achieved,
          value: record.before?[metric]))
      for one in record.trace {
        epoch += 1
        course.append(
          Epoch(
            epoch: epoch, step: record.step, sparsity: record.achieved,
            value: one.validation?[metric]))
      }
    }
    return course
  }
}
