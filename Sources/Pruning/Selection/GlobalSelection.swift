import Tensors

/// The lowest weights of several tensors in one ranking, with a limit to each tensor.
///
/// As if all weights were gone through in the order (key, tensor, index) and each one pruned unless
/// its tensor is at its limit: where a tensor would get more than it may, it is cut at its limit by
/// itself and the rest is ranked anew. Limits that bind cost a ranking each time some new ones do.
struct GlobalSelection {
  private let tensors: KeyedTensors
  private let indices: [Int]
  private let ranking: Ranking
  private let limits: [Int: Int]

  /// Ranks the tensors at `indices`: one pass.
  init(_ tensors: KeyedTensors, of indices: [Int]) throws {
    self.tensors = tensors
    self.indices = indices
    ranking = try tensors.ranking(of: indices)
    let plan = Limits(tensors.plan)
    var limits: [Int: Int] = [:]
    for (index, survey) in zip(indices, ranking.surveys) {
      limits[index] = plan.most(
        of: tensors.candidates[index].count, zeros: survey.zeros, nonfinite: survey.nonfinite)
    }
    self.limits = limits
  }

  /// Zeros there already.
  var zeros: Int { ranking.surveys.reduce(0) { $0 + $1.zeros } }
  /// Zeros there can be.
  var most: Int { limits.values.reduce(0, +) }

  /// `count` zeros in all, at most `most`; no change where there are as many.
  func selecting(_ count: Int) throws -> [Int: Selected] {
    precondition(count <= most)
    return try limited { open, ranking, closed in try ranking.selecting(count - closed) }
  }

  /// All weights whose score is below the threshold, as far as the limits let them go.
  func selecting(below threshold: Double) throws -> [Int: Selected] {
    guard let cut = tensors.cut(threshold: threshold) else {
      return Dictionary(uniqueKeysWithValues: zip(indices, try ranking.unchanged()))
    }
    let all = zip(try ranking.masks(above: cut), ranking.surveys).map { Selected($0, $1) }
    var result: [Int: Selected] = [:]
    for (index, selected) in zip(indices, all) {
      let limit = limits[index] ?? 0
      result[index] =
        selected.mask.pruned <= limit
        ? selected : try tensors.ranking(of: [index]).selecting(limit)[0]
    }
    return result
  }

  /// Repeats `select` on the tensors that are not at their limits yet, until none is over.
  private func limited(
    _ select: (_ open: [Int], _ ranking: Ranking, _ closed: Int) throws -> [Selected]
  ) throws -> [Int: Selected] {
    var result: [Int: Selected] = [:]
    var open = indices
    var closed = 0
    var ranking = ranking
    while true {
      let selected = try select(open, ranking, closed)
      for (index, part) in zip(open, selected) { result[index] = part }
      let over = zip(open, selected).filter { $1.mask.pruned > limits[$0] ?? 0 }.map(\.0)
      guard !over.isEmpty else { return result }
      for index in over {
        let limit = limits[index] ?? 0
        result[index] = try tensors.ranking(of: [index]).selecting(limit)[0]
        closed += limit
      }
      open.removeAll { over.contains($0) }
      guard !open.isEmpty else { return result }
      ranking = try tensors.ranking(of: open)
    }
  }
}
