/// How many epochs of training each pruning step gets at most.
public struct EpochBudget: Sendable, Equatable {
  public enum Form: Sendable, Equatable {
    /// So many after every step, and after the last one another number where it is given.
    case perStep(Int, last: Int? = nil)
    /// So many in all, divided over the steps.
    case total(Int)
  }

  public var form: Form
  /// No step gets more than this.
  public var most: Int?

  public init(_ form: Form, most: Int? = nil) {
    self.form = form
    self.most = most
  }

  /// 100 epochs in all.
  public static let standard = EpochBudget(.total(100))

  /// One number a step. Throws `StudyError.fewEpochs` where a total has not one epoch for each step.
  public func epochs(of kind: ScheduleKind, steps: Int) throws(StudyError) -> [Int] {
    precondition(steps >= 1)
    let epochs: [Int]
    switch form {
    case .perStep(let each, let last):
      epochs = (1...steps).map { $0 == steps ? last ?? each : each }
    case .total(let total):
      epochs = try Self.split(total, of: kind, steps: steps)
    }
    return epochs.map { min($0, most ?? $0) }
  }

  /// Equal parts, the remainder to the last step; for hybrid half of it to the first step and the
  /// rest in equal parts.
  static func split(_ total: Int, of kind: ScheduleKind, steps: Int) throws(StudyError) -> [Int] {
    guard total >= steps else { throw .fewEpochs(total, steps: steps) }
    func equal(_ total: Int, over steps: Int) -> [Int] {
      (1...steps).map { total / steps + ($0 == steps ? total % steps : 0) }
    }
    guard kind == .hybrid, steps > 1 else { return equal(total, over: steps) }
    // Every small step gets one epoch, whatever that leaves to the large one.
    let first = min(total / 2, total - (steps - 1))
    return [first] + equal(total - first, over: steps - 1)
  }
}
