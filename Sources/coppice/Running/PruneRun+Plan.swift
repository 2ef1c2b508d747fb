import Keras
import Pruning
import Tensors

extension PruneRun {
  /// What is to go, by which criterion and in which steps.
  func plan(for set: PrunableSet, in opened: OpenedModel) throws -> PrunePlan {
    let target = options.target
    let overrides = try set.overrides(target.set)
    var goal: PrunePlan.Target
    if let sparsity = target.sparsity {
      goal = .sparsity(sparsity.fraction)
    } else if let threshold = target.threshold {
      goal = .threshold(threshold)
    } else if let keep = target.keep {
      goal = .keep(keep)
    } else if let size = target.targetSize {
      goal = .size(size.bytes)
    } else if let text = target.nm ?? options.ranking.pattern {
      guard let pattern = NMPattern(kept: text.kept, group: text.of) else {
        throw UsageFault(
          "--nm \(text.argumentText): N is at least 1 and below M, and M at most 128")
      }
      goal = .pattern(pattern)
    } else if let last = options.scheduling.milestones?.last {
      goal = .sparsity(last)
    } else {
      // --set alone: the tensors it names, and no others.
      goal = .threshold(0)
    }
    var plan = PrunePlan(
      target: goal, criterion: set.criterion,
      scope: options.ranking.scope?.scope ?? set.criterion.ownScope, overrides: overrides,
      maxLayerSparsity: target.maxLayerSparsity?.fraction, minKeep: target.minKeep ?? 0,
      allowsNonfinite: options.ranking.allowNonfinite, seed: options.ranking.seed)
    let of = set.candidates.reduce(0) { $0 + $1.count }
    switch goal {
    case .sparsity(let share):
      plan.schedule = options.scheduling.schedule(to: share, in: situation(opened))
    case .keep(let kept) where of > 0:
      plan.schedule = options.scheduling.schedule(
        to: 1 - Double(min(kept, of)) / Double(of), in: situation(opened))
    default:
      if options.scheduling.schedule != .auto && options.scheduling.schedule != .oneShot {
        throw UsageFault(
          "--schedule \(options.scheduling.schedule.rawValue) leads to a --sparsity or a --keep: give one of them"
        )
      }
    }
    return plan
  }

  /// What decides the schedule where none is named.
  private func situation(_ opened: OpenedModel) -> Schedules.Situation {
    Schedules.Situation(
      trains: options.stopping.trains,
      attendsOrRecurs: opened.model.tensors.contains {
        $0.role == .recurrentKernel || ($0.layerClass ?? "").contains("Attention")
      })
  }
}
