import Tensors

extension PrunePlan {
  /// Carries the plan out on the weights alone, without training.
  ///
  /// `file` names the model in messages. `measure` gives the packed size in bytes of the model that a
  /// result makes, and is asked for `Target.size` only, which cannot do without it.
  ///
  /// With a criterion that looks at the weight alone (and for LAMP and random), the weights that go
  /// do not depend on the steps, so the last step is made at once; one that looks at neighbours or at
  /// gradients scores anew, at the masked weights, in every step. `sensing` takes gradients, and has
  /// to be there where the criterion asks for any.
  ///
  /// Throws `PruningError`, what `measure` and `sensing` throw and what the tensors' sources throw.
  public func prune(
    _ candidates: [Candidate], file: String, measure: ((PruneResult) throws -> Int)? = nil,
    sensing: Sensing? = nil
  ) throws -> PruneResult {
    try check()
    let of = candidates.reduce(0) { $0 + $1.count }
    guard of > 0 else { throw PruningError.nothingPrunable(file: file) }
    switch target {
    case .sparsity(let share):
      return try stepped(
        candidates, to: share, PrunePlan.weights(share, of: of), file: file, sensing)
    case .keep(let kept):
      guard kept <= of else {
        throw PruningError.keepsTooMany(file: file, wanted: kept, of: of)
      }
      return try stepped(
        candidates, to: Double(of - kept) / Double(of), of - kept, file: file, sensing)
    case .threshold(let threshold):
      let tensors = try KeyedTensors(sensing?(candidates) ?? candidates, plan: self, file: file)
      return result(candidates, try Selector(tensors).selecting(below: threshold))
    case .pattern(let pattern):
      let tensors = try KeyedTensors(sensing?(candidates) ?? candidates, plan: self, file: file)
      return result(candidates, try tensors.selecting(pattern))
    case .size(let bytes):
      guard let measure else {
        throw PruningError.contradiction("--target-size: needs a packed output. Name a .csrm file.")
      }
      return try sized(
        sensing?(candidates) ?? candidates, to: bytes, file: file, measure: measure)
    }
  }

  /// Step by step to `count` zeros, which is the share `p` of all weights.
  private func stepped(
    _ candidates: [Candidate], to p: Double, _ count: Int, file: String, _ sensing: Sensing?
  ) throws -> PruneResult {
    let of = candidates.reduce(0) { $0 + $1.count }
    let goals = try goals(to: p, count, of: of)
    var steps: [PruneResult.Step] = []
    func add(_ pruned: Int) {
      steps.append(
        PruneResult.Step(
          step: steps.count + 1, target: goals[steps.count].share, pruned: pruned,
          achieved: Double(pruned) / Double(of)))
    }
    var selected: [Selected] = []
    if criterion.rescores, goals.count > 1 || criterion.rounds > 1 {
      var current = candidates
      for goal in goals {
        let next = try event(goal, from: current, file: file, sensing)
        selected = selected.isEmpty ? next : zip(selected, next).map { $0.followed(by: $1) }
        current = candidates.masked(by: selected.map(\.mask))
        add(selected.reduce(0) { $0 + $1.mask.pruned })
      }
    } else {
      let sensed = try sensing?(candidates) ?? candidates
      let selector = try Selector(try KeyedTensors(sensed, plan: self, file: file))
      selected = try selector.selecting(share: p, count: count)
      let before = selected.map(\.survey.zeros)
      for goal in goals.dropLast() {
        add(
          try selector.zeros(
            share: goal.share, count: goal.zeros, part: goal.part, before: before))
      }
      add(selected.reduce(0) { $0 + $1.mask.pruned })
    }
    var result = result(candidates, selected)
    result.target = p
    result.steps = steps
    return result
  }

  private func sized(
    _ candidates: [Candidate], to bytes: Int, file: String, measure: (PruneResult) throws -> Int
  ) throws -> PruneResult {
    let tensors = try KeyedTensors(candidates, plan: self, file: file)
    let selector = try Selector(tensors)
    let range = selector.least...max(selector.least, selector.most)
    var fitting: (count: Int, result: PruneResult)?
    let search = try smallestFitting(range, target: bytes) {
      let made = result(candidates, try selector.selecting($0))
      let size = try measure(made)
      if size <= bytes { fitting = ($0, made) }
      return size
    }
    guard let found = search.found, let fitting, fitting.count == found else {
      throw PruningError.sizeUnreachable(file: file, wanted: bytes, least: search.size)
    }
    return fitting.result
  }

  /// The counts of what was selected, as one step.
  func result(_ candidates: [Candidate], _ selected: [Selected]) -> PruneResult {
    var result = PruneResult(masks: selected.map(\.mask), tensors: [], steps: [], target: nil)
    result.tensors = zip(candidates, selected).map { candidate, selected in
      PruneResult.TensorResult(
        name: candidate.name, count: candidate.count, zerosBefore: selected.survey.zeros,
        negativeZerosBefore: selected.survey.negativeZeros, nonfinite: selected.survey.nonfinite,
        pruned: selected.mask.pruned, isChanged: selected.isChanged)
    }
    result.steps = [
      PruneResult.Step(step: 1, target: nil, pruned: result.pruned, achieved: result.achieved)
    ]
    return result
  }
}
