import Pruning

/// What budgets and patience ask of a schedule.
public enum ScheduleKind: Sendable, Equatable {
  /// One step.
  case oneShot
  /// A large step, then small ones.
  case hybrid
  /// Steps that are treated alike.
  case even

  public init(_ schedule: any Schedule, steps: Int) {
    self = steps == 1 ? .oneShot : schedule is Hybrid ? .hybrid : .even
  }
}
