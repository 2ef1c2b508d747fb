import Tensors
import Testing

@testable import Pruning

/// The vectors of the published methods that look at gradients, on given gradients.
struct GradientCriteriaTests {
  private func near(_ found: [Double], _ expected: [Double], _ tolerance: Double = 1e-12) -> Bool {
    found.count == expected.count
      && zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
  }

  private func sensed(
    _ numbers: [Double], _ kind: Sensitivity, _ told: [Double], name: String = "w"
  ) -> Candidate {
    candidate(name, numbers, as: .float64).sensed([kind: told])
  }

  private let context = ScoringContext(file: "m.h5")

  @Test func taylor() throws {
    let one = sensed([1, -2, 3, .infinity], Sensitivity(.gradient), [0.5, 0.1, -0.2, 1])
    #expect(near(try Taylor().scores(of: [one], in: context)[0], [0.5, 0.2, 0.6, 0]))
  }

  @Test func fisherOfSquaresSampleBySample() throws {
    // The gradients of two samples are [1, 0] and [-1, 2]: their mean squares, not [0, 1].
    let one = sensed([2, 1], Sensitivity(.squaredGradient), [1, 2])
    #expect(near(try Fisher().scores(of: [one], in: context)[0], [2, 1]))
  }

  @Test func snipSharesTheSumOfAllTensors() throws {
    let kind = Sensitivity(.gradient, on: .balanced)
    let one = sensed([0.5, -1, 2], kind, [0.2, 0.3, -0.05])
    #expect(near(try SNIP().scores(of: [one], in: context)[0], [0.2, 0.6, 0.2]))
    let parts = [sensed([0.5, -1], kind, [0.2, 0.3]), sensed([2], kind, [-0.05], name: "v")]
    let scores = try SNIP().scores(of: parts, in: context)
    #expect(near(scores[0], [0.2, 0.6]) && near(scores[1], [0.2]))
  }

  @Test func graspRemovesTheLargestFirst() throws {
    // L = ½ wᵀHw with H = [[2, 1], [1, 3]] at w = [1, -1]: g = [1, -2], Hg = [0, -5], s = [0, -5].
    let one = sensed([1, -1], Sensitivity(.hessianGradient, on: .balanced), [0, -5])
    let scores = try GraSP().scores(of: [one], in: context)
    #expect(near(scores[0], [0, 5]))
    let plan = PrunePlan(target: .keep(1), criterion: GraSP())
    #expect(try plan.prune([one], file: "m.h5").prunedIndices == [[0]])
    // s = [3, -4]: the first goes, whose score would be negative.
    let negative = sensed([1, 2], Sensitivity(.hessianGradient, on: .balanced), [-3, 2])
    #expect(near(try GraSP().scores(of: [negative], in: context)[0], [0, 7]))
    #expect(throws: PruningError.self) {
      try PrunePlan(target: .threshold(0.1), criterion: GraSP()).check()
    }
  }

  @Test func numbersThatWereNotTakenAreRefused() {
    let error = PruningError.sensitivityUnknown(file: "m.h5", tensor: "w", criterion: "taylor")
    #expect(throws: error) {
      try PrunePlan(target: .keep(1), criterion: Taylor()).prune(
        [candidate("w", [1, 2])], file: "m.h5")
    }
    #expect(error.fault == .unsupported)
  }

  @Test func sumsShareEachCriterionsOwnTotal() throws {
    let one = sensed([1, -2, 3], Sensitivity(.gradient), [0.5, 0.1, -0.2])
    let sum = try Criteria.parse("taylor*0.5+magnitude*0.5")
    #expect(
      near(
        try sum.scores(of: [one], in: context)[0],
        [0.25 / 1.3 + 0.5 / 6, 0.1 / 1.3 + 1.0 / 6, 0.3 / 1.3 + 0.25]))
  }

  @Test func gradientsAreTakenAnewAtTheMaskedWeightsOfEveryStep() throws {
    // The gradient of every weight is the sum of the others: it changes as they go.
    let start = candidate("w", [1, -2, 3, 5], as: .float64)
    var seen: [[Double]] = []
    let sensing: Sensing = { candidates in
      try candidates.map { candidate in
        let weights = try candidate.values.doubles(0..<candidate.count)
        seen.append(weights)
        let sum = weights.reduce(0, +)
        return candidate.sensed([Sensitivity(.gradient): weights.map { sum - $0 }])
      }
    }
    let plan = PrunePlan(
      target: .sparsity(0.75), criterion: Taylor(), schedule: Manual([0.25, 0.5, 0.75]))
    let result = try plan.prune([start], file: "m.h5", sensing: sensing)
    #expect(seen == [[1, -2, 3, 5], [0, -2, 3, 5], [0, -2, 3, 0]])
    #expect(result.steps.map(\.pruned) == [1, 2, 3] && result.prunedIndices == [[0, 1, 3]])
    // One step scores once.
    seen = []
    let one = PrunePlan(target: .sparsity(0.75), criterion: Taylor())
    _ = try one.prune([start], file: "m.h5", sensing: sensing)
    #expect(seen.count == 1)
  }
}
