import Pruning

extension ScheduleOptions {
  /// The schedule for a target sparsity of `p`; one-shot where nothing is said, since without
  /// fine-tuning the steps gain nothing.
  func schedule(to p: Double) -> any Schedule {
    let steps = steps ?? Schedules.defaultSteps(to: p)
    let rate = stepRate?.fraction
    switch schedule {
    case .auto, .oneShot: return OneShot()
    case .constant: return rate.map { Constant(rate: $0, to: p) } ?? Constant(steps: steps)
    case .geometric: return rate.map { Geometric(rate: $0, to: p) } ?? Geometric(steps: steps)
    case .polynomial: return Polynomial(steps: steps)
    case .manual: return Manual(milestones ?? [])
    case .hybrid:
      let tail: Hybrid.Tail = hybridTail == .paper ? .paper : .remaining
      return Hybrid(
        first: hybridFirst?.fraction ?? 0.7, tailSteps: hybridSteps ?? 4, tail: tail)
    }
  }
}

extension CriterionOptions {
  /// Refuses units other than single weights, which come with structured pruning.
  func checkGranularity() throws {
    if granularity == "weight" || pattern != nil { return }
    if ["row", "channel", "head"].contains(granularity) || granularity.hasPrefix("block:") {
      throw Unsupported(
        "--granularity \(granularity): structured pruning is not in this version. Single weights and --nm work"
      )
    }
    throw UsageFault("--granularity \(granularity): not a unit. Give weight, or N:M as 2:4")
  }

  /// N:M where the granularity is one.
  var pattern: PatternArgument? { PatternArgument(argument: granularity) }
}
