import ArgumentParser
import Pruning

extension ScheduleOptions {
  /// The schedule for a target sparsity of `p`. Where nothing is said, what is known of the run
  /// decides: without training it is one-shot, since steps gain nothing then.
  func schedule(
    to p: Double, in situation: Schedules.Situation = Schedules.Situation(trains: false)
  ) -> any Schedule {
    let steps = steps ?? Schedules.defaultSteps(to: p)
    let rate = stepRate?.fraction
    switch schedule {
    case .auto: return Schedules.automatic(to: p, in: situation).schedule
    case .oneShot: return OneShot()
    case .constant: return rate.map { Constant(rate: $0, to: p) } ?? Constant(steps: steps)
    case .geometric: return rate.map { Geometric(rate: $0, to: p) } ?? Geometric(steps: steps)
    case .polynomial: return Polynomial(steps: steps)
    case .manual: return Manual(milestones ?? [])
    case .hybrid:
      let tail: Hybrid.Tail = hybridTail == .paper ? .paper : .remaining
      let first = hybridFirst?.fraction ?? 0.7
      if let rate { return Hybrid(first: first, rate: rate, tail: tail, to: p) }
      return Hybrid(
        first: first, tailSteps: hybridSteps ?? 4, tail: tail)
    }
  }
}

extension CriterionOptions {
  /// The criterion with its settings. Throws `PruningError`.
  func parsed() throws -> any Criterion {
    try Criteria.parse(
      criterion,
      CriterionSettings(
        curvature: curvature.map { $0 == .ggn ? .ggn : .hutchinson }, rounds: synflowRounds,
        taylorForm: taylorForm?.form, temperature: graspTemperature))
  }

  /// Whether `name` is the criterion or a term of the sum.
  private func names(_ name: String) -> Bool {
    criterion.split { "+* ".contains($0) }.contains { $0 == name }
  }

  /// Throws where a setting is about nothing, or gradients have no data to be taken on.
  func check(hasData: Bool) throws {
    if let graspTemperature, !(graspTemperature > 0 && graspTemperature.isFinite) {
      throw ValidationError("--grasp-temperature takes a number over 0")
    }
    for (given, option, name) in [
      (curvature != nil, "--curvature", "obd"),
      (synflowRounds != nil, "--synflow-rounds", "synflow"),
      (taylorForm != nil, "--taylor-form", "taylor"),
      (graspTemperature != nil, "--grasp-temperature", "grasp"),
    ] where given && !names(name) {
      throw ValidationError("\(option) is about --criterion \(name)")
    }
    guard let criterion = try? parsed() else { return }
    if let scoreSamples {
      guard scoreSamples >= 1 else {
        throw ValidationError("--score-samples takes a whole number from 1")
      }
      guard criterion.looksAtGradients else {
        throw ValidationError(
          "--score-samples is about criteria that look at gradients, such as taylor and fisher")
      }
    }
    if criterion.looksAtGradients && !hasData {
      throw ValidationError(
        "--criterion \(self.criterion) looks at gradients, which are taken on data: name them with --data"
      )
    }
  }

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
