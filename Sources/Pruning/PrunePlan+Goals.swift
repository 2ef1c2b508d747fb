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
  /// Throws `PruningError`, and what the criterion, `sensing` and the sources throw.
  public func reaching(
    _ goal: PruneGoal, from candidates: [Candidate], file: String, sensing: Sensing? = nil
  ) throws -> PruneResult {
    guard candidates.contains(where: { $0.count > 0 }) else {
      throw PruningError.nothingPrunable(file: file)
    }
    return result(candidates, try event(goal, from: candidates, file: file, sensing))
  }

  /// Selects in as many rounds as the criterion takes; in one where nothing can be taken anew.
  func event(
    _ goal: PruneGoal, from candidates: [Candidate], file: String, _ sensing: Sensing?
  ) throws -> [Selected] {
    var current = candidates
    var selected: [Selected] = []
    for round in sensing == nil ? [goal] : try rounds(to: goal, from: candidates) {
      let sensed = try sensing?(current) ?? current
      let tensors = try KeyedTensors(sensed, plan: self, file: file)
      let next = try Selector(tensors, part: round.part).selecting(
        share: round.share, count: round.zeros)
      selected = selected.isEmpty ? next : zip(selected, next).map { $0.followed(by: $1) }
      if criterion.rounds > 1 { current = candidates.masked(by: selected.map(\.mask)) }
    }
    return selected
  }

  /// What is kept shrinks by the same factor in every round, from what there is to the goal.
  private func rounds(to goal: PruneGoal, from candidates: [Candidate]) throws -> [PruneGoal] {
    let of = candidates.reduce(0) { $0 + $1.count }
    guard criterion.rounds > 1, goal.zeros < of, goal.share > 0 else { return [goal] }
    let width = MagnitudeKeys.width(for: candidates.map(\.values.type))
    let zeros = try Ranking(candidates.map { MagnitudeKeys($0.values, width: width) }).surveys
      .reduce(0) { $0 + $1.zeros }
    guard zeros < goal.zeros else { return [goal] }
    let (now, then) = (1 - Double(zeros) / Double(of), 1 - goal.share)
    var rounds: [PruneGoal] = []
    for round in 1..<criterion.rounds {
      let share = 1 - now * power(then / now, Double(round) / Double(criterion.rounds))
      let count = min(goal.zeros, PrunePlan.weights(share, of: of))
      rounds.append(
        PruneGoal(
          step: goal.step, share: share, zeros: count, part: goal.part * share / goal.share))
    }
    return rounds + [goal]
  }
}
