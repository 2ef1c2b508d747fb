/// When a step's training ends before its epochs are over, and which of its epochs is the best.
///
/// An epoch is an improvement where the metric beats the best so far by more than `minDelta`; after
/// `patience` epochs in a row without one it is over. What is compared with first is the metric right
/// after pruning. A metric that hovers around the best, within `minDelta`, is no improvement: the
/// first algorithm of arXiv 2508.13836, as printed, never stops there.
public struct StoppingRule: Sendable, Equatable {
  /// 0: no early stopping.
  public var patience: Int
  public var minDelta: Double

  public init(patience: Int, minDelta: Double = 0) {
    precondition(patience >= 0 && minDelta >= 0)
    self.patience = patience
    self.minDelta = minDelta
  }

  /// The rule as it is followed through one step.
  public struct Watch: Sendable, Equatable {
    public let monitor: Monitor
    public let rule: StoppingRule
    public internal(set) var best: Double
    /// The epoch of the best, from 1; 0 is the state before training.
    public internal(set) var bestEpoch = 0
    /// Epochs since.
    public internal(set) var waiting = 0
    /// Epochs seen.
    public internal(set) var epochs = 0

    /// `first` is the metric before training.
    public init(_ rule: StoppingRule, _ monitor: Monitor, first: Double) {
      self.rule = rule
      self.monitor = monitor
      best = first
    }

    /// Whether nothing more is to be hoped for.
    public var isOver: Bool { rule.patience > 0 && waiting >= rule.patience }

    /// Takes the metric after one more epoch; true where it is the best so far.
    public mutating func see(_ value: Double) -> Bool {
      epochs += 1
      guard monitor.improves(value, on: best, by: rule.minDelta) else {
        waiting += 1
        return false
      }
      best = value
      bestEpoch = epochs
      waiting = 0
      return true
    }
  }
}

/// The patience of each step, in order; the last one stands for all steps after it.
public struct PatienceList: Sendable, Equatable {
  public let values: [Int]

  /// Throws `StudyError.patience` for an empty list and for one with a number below 0.
  public init(_ values: [Int]) throws(StudyError) {
    guard !values.isEmpty, values.allSatisfy({ $0 >= 0 }) else { throw .patience }
    self.values = values
  }

  private init(known values: [Int]) { self.values = values }

  /// 20 epochs for one shot and for the large first step of hybrid, a tenth for all other steps: a
  /// large cut heals slowly (arXiv 2508.13836 recommends 200 and a twentieth for full data sets).
  public static func standard(for kind: ScheduleKind) -> PatienceList {
    switch kind {
    case .oneShot: PatienceList(known: [20])
    case .hybrid: PatienceList(known: [20, 2])
    case .even: PatienceList(known: [2])
    }
  }

  /// Of the step, from 1.
  public subscript(step: Int) -> Int {
    precondition(step >= 1)
    return values[min(step, values.count) - 1]
  }
}
