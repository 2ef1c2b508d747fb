import Tensors

/// What one pruning event of a schedule is to reach.
public struct PruneGoal: Sendable, Equatable {
  /// From 1.
  public let step: Int
  /// The share of all candidates' weights that is zero after it.
  public let share: Double
  /// The same as a number: floor(share·of + 1/2).
  public let zeros: Int
  /// How far along the way to the target that is, 0...1: overrides are reached by as much.
  public let part: Double
}

extension PrunePlan {
  /// The goals of all steps for candidates of so many weights together. Throws what is wrong with
  /// the plan, `PruningError.keepsTooMany`, and `.contradiction` where the target is neither a
  /// sparsity nor a number kept.
  public func goals(of count: Int, file: String) throws -> [PruneGoal] {
    try check()
    switch target {
    case .sparsity(let share):
      return try goals(to: share, PrunePlan.weights(share, of: count), of: count)
    case .keep(let kept):
      guard kept <= count else {
        throw PruningError.keepsTooMany(file: file, wanted: kept, of: count)
      }
      let share = count > 0 ? Double(count - kept) / Double(count) : 0
      return try goals(to: share, count - kept, of: count)
    case .threshold, .pattern, .size:
      throw PruningError.contradiction(
        "Steps with training between them lead to a --sparsity or a --keep. Give one of them.")
    }
  }

  /// To `zeros`, which is the share `p` of `count`.
  func goals(to p: Double, _ zeros: Int, of count: Int) throws(PruningError) -> [PruneGoal] {
    let shares = try schedule.cumulative(to: p)
    return shares.enumerated().map { index, share in
      let isLast = index == shares.count - 1
      return PruneGoal(
        step: index + 1, share: share,
        zeros: isLast ? zeros : min(zeros, PrunePlan.weights(share, of: count)),
        part: !isLast && p > 0 ? share / p : 1)
    }
  }

  /// One pruning event: scores the candidates as they are, and prunes the lowest until the goal is
  /// reached. Zeros that are there are taken first, so what earlier steps pruned stays pruned.
  ///
  /// Throws `PruningError`, and what the criterion and the sources throw.
  public func reaching(_ goal: PruneGoal, from candidates: [Candidate], file: String) throws
    -> PruneResult
  {
    guard candidates.contains(where: { $0.count > 0 }) else {
      throw PruningError.nothingPrunable(file: file)
    }
    let tensors = try KeyedTensors(candidates, plan: self, file: file)
    let selected = try Selector(tensors, part: goal.part).selecting(
      share: goal.share, count: goal.zeros)
    return result(candidates, selected)
  }
}
