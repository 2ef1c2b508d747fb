import Parallel
import Tensors

/// A sum of criteria, each first divided by the sum of its own scores over all candidates:
/// `magnitude*0.5+lamp*0.5`. Weights that are zero or not finite take no part in that sum.
///
/// Holds 16 bytes a weight while it adds up.
public struct WeightedSum: Criterion {
  public struct Term: Sendable {
    public let criterion: any Criterion
    /// Over 0.
    public let weight: Double
  }

  public let terms: [Term]

  public init(_ terms: [Term]) {
    precondition(!terms.isEmpty && terms.allSatisfy { $0.weight > 0 && $0.weight.isFinite })
    self.terms = terms
  }

  public var name: String {
    terms.map { "\($0.criterion.name)*\($0.weight)" }.joined(separator: "+")
  }
  public var summary: String { "the smallest sum of normalised scores" }
  public var source: String { "normalised as in COPS, 2021, arXiv 2107.12673" }

  public var needs: CriterionNeeds {
    // A sum is no magnitude, but all else that a term asks for holds for the sum.
    terms.reduce(CriterionNeeds()) { $0.union($1.criterion.needs) }.subtracting(.onlyMagnitude)
  }

  public var sensitivities: [Sensitivity] {
    var all: [Sensitivity] = []
    for wanted in terms.flatMap(\.criterion.sensitivities) where !all.contains(wanted) {
      all.append(wanted)
    }
    return all
  }
  public var rounds: Int { terms.reduce(1) { max($0, $1.criterion.rounds) } }

  public func scores(of candidates: [Candidate], in context: ScoringContext) throws -> [[Double]] {
    var total = candidates.map { [Double](repeating: 0, count: $0.count) }
    for term in terms {
      var scores = try term.criterion.scores(of: candidates, in: context)
      var sum = 0.0
      for tensor in candidates.indices {
        sum += try clear(&scores[tensor], where: candidates[tensor].values)
      }
      guard sum > 0 else { continue }
      let factor = term.weight / sum
      for tensor in candidates.indices {
        let part = scores[tensor]
        try total[tensor].fillBlocks { range, block in
          for i in block.indices { block[i] += factor * part[range.lowerBound + i] }
        }
        scores[tensor] = []
      }
    }
    return total
  }

  /// Sets the scores of weights that are zero or not finite to 0; returns the sum of the others.
  private func clear(_ scores: inout [Double], where values: TensorValues) throws -> Double {
    try scores.fillBlocks { range, block in
      try values.withDoubles(range) { weights in
        for i in block.indices {
          let weight = weights.loadUnaligned(fromByteOffset: 8 * i, as: Double.self)
          if weight == 0 || !weight.isFinite { block[i] = 0 }
        }
      }
    }
    let all = scores
    let blocks = Parallel.pieces(of: all.count, size: TensorBlock.size)
    return try Parallel.map(blocks.count) { all[blocks[$0]].reduce(0, +) }.reduce(0, +)
  }
}
