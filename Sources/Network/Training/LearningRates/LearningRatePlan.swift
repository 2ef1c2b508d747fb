import Documents

/// A learning rate as a person says it: `constant`, `cosine`, `cosine:1e-5` (the floor), `step:30` or
/// `step:30:0.5` (every 30 epochs, × 0.1 or γ), `milestones:60,80` or `milestones:60,80:0.5`, each of
/// them with `warmup:5+` before it (epochs). Epochs count from the pruning step, not from the run.
public struct LearningRatePlan: Sendable, Equatable {
  enum Shape: Equatable {
    case constant
    case cosine(floor: Double)
    case every(epochs: Int, gamma: Double)
    case milestones([Int], gamma: Double)
  }

  let shape: Shape
  let warmUp: Int

  /// More are a slip of the hand.
  private static let mostEpochs = 1_000_000_000

  /// The rate that it ends at, where it is one of a cosine's own.
  public var floor: Double? {
    if case .cosine(let floor) = shape, floor > 0 { floor } else { nil }
  }

  /// The same from first to last.
  public static let constant = LearningRatePlan(shape: .constant, warmUp: 0)

  private init(shape: Shape, warmUp: Int) {
    self.shape = shape
    self.warmUp = warmUp
  }

  /// Throws where `text` is none of the forms above.
  public init(_ text: String) throws(OptimizerFault) {
    var words = text.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
    var warmUp = 0
    if let first = words.first, first.hasPrefix("warmup:") {
      guard let epochs = Int(first.dropFirst(7)), 1...Self.mostEpochs ~= epochs else {
        throw Self.fault(text)
      }
      warmUp = epochs
      words.removeFirst()
    }
    guard words.count <= 1 else { throw Self.fault(text) }
    self.init(shape: try Self.shape(words.first ?? "constant", text), warmUp: warmUp)
  }

  private static func shape(_ word: String, _ text: String) throws(OptimizerFault) -> Shape {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    func gamma() throws(OptimizerFault) -> Double {
      guard parts.count == 3 else { return 0.1 }
      guard let gamma = Double(parts[2]), gamma > 0, gamma.isFinite else { throw fault(text) }
      return gamma
    }
    switch (parts[0], parts.count) {
    case ("constant", 1): return .constant
    case ("cosine", 1): return .cosine(floor: 0)
    case ("cosine", 2):
      guard let floor = Double(parts[1]), floor >= 0, floor.isFinite else { throw fault(text) }
      return .cosine(floor: floor)
    case ("step", 2), ("step", 3):
      guard let epochs = Int(parts[1]), 1...Self.mostEpochs ~= epochs else { throw fault(text) }
      return .every(epochs: epochs, gamma: try gamma())
    case ("milestones", 2), ("milestones", 3):
      let words = parts[1].split(separator: ",", omittingEmptySubsequences: false)
      let epochs = words.compactMap { Int($0) }
      guard epochs.count == words.count, epochs.allSatisfy({ 1...Self.mostEpochs ~= $0 }) else { throw fault(text) }
      return .milestones(epochs, gamma: try gamma())
    default: throw fault(text)
    }
  }

  private static func fault(_ text: String) -> OptimizerFault {
    OptimizerFault(what: "the learning-rate schedule '\(text.printable(limit: 40))'")
  }

  /// The schedule itself, from `rate` on.
  public func schedule(rate: Double, stepsPerEpoch: Int) -> any LearningRateSchedule {
    func steps(_ epochs: Int) -> Int {
      let (steps, isTooMany) = epochs.multipliedReportingOverflow(by: max(1, stepsPerEpoch))
      return isTooMany ? .max : steps
    }
    let schedule: any LearningRateSchedule =
      switch shape {
      case .constant: ConstantRate(rate)
      case .cosine(let floor): CosineDecay(rate, floor: min(floor, rate))
      case .every(let epochs, let gamma): StepDecay(rate, gamma: gamma, every: steps(epochs))
      case .milestones(let epochs, let gamma):
        StepDecay(rate, gamma: gamma, milestones: epochs.map(steps))
      }
    return warmUp == 0 ? schedule : WarmUp(schedule, steps: steps(warmUp))
  }
}
