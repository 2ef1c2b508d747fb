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

  @Test func taylorForms() throws {
    // Single weights go in the same order by |g·w| and by |Σ g·w|, of the mean gradient.
    let one = sensed([1, -2, 3], Sensitivity(.gradient), [0.5, 0.1, -0.2])
    #expect(near(try Taylor(.multi).scores(of: [one], in: context)[0], [0.5, 0.2, 0.6]))
    // One mini-batch: (g·w)².
    let squared = sensed([1, -2, 3], Sensitivity(.batchSquaredGradient), [0.25, 0.01, 0.04])
    #expect(near(try Taylor(.square).scores(of: [squared], in: context)[0], [0.25, 0.04, 0.36]))
    // Two of [0.5, 0.1, -0.2] and [-0.5, 0.1, 0]: what cancels in the mean gradient counts here.
    let two = sensed([1, -2, 3], Sensitivity(.batchSquaredGradient), [0.25, 0.01, 0.02])
    #expect(near(try Taylor(.square).scores(of: [two], in: context)[0], [0.25, 0.04, 0.18]))
    let settings = CriterionSettings(taylorForm: .square)
    #expect(
      try Criteria.parse("taylor*0.5+lamp", settings).sensitivities == [
        Sensitivity(.batchSquaredGradient)
      ])
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
    let one = sensed([1, -1], Sensitivity(.hessianGradient(temperature: nil), on: .balanced), [0, -5])
    let scores = try GraSP().scores(of: [one], in: context)
    #expect(near(scores[0], [0, 5]))
    let plan = PrunePlan(target: .keep(1), criterion: GraSP())
    #expect(try plan.prune([one], file: "m.h5").prunedIndices == [[0]])
    // s = [3, -4]: the first goes, whose score would be negative.
    let negative = sensed([1, 2], Sensitivity(.hessianGradient(temperature: nil), on: .balanced), [-3, 2])
    #expect(near(try GraSP().scores(of: [negative], in: context)[0], [0, 7]))
    #expect(throws: PruningError.self) {
      try PrunePlan(target: .threshold(0.1), criterion: GraSP()).check()
    }
  }

  @Test func obd() throws {
    let one = sensed([1, -2, 3, 1], Sensitivity(.gaussNewton), [2, 0.5, 1, 0])
    #expect(near(try OBD().scores(of: [one], in: context)[0], [1, 1, 4.5, 0]))
    // A softmax of x = [1, 2] by W = [[0.5, -0.2], [0, 0.1]]: h = p_i (1 - p_i) x_j².
    let h = [0.24937604, 0.99750416]
    let layer = sensed([0.5, -0.2, 0, 0.1], Sensitivity(.gaussNewton), h + h)
    #expect(
      near(
        try OBD().scores(of: [layer], in: context)[0],
        [0.03117201, 0.01995008, 0, 0.00498752], 1e-8))
    let below = sensed([1, 2], Sensitivity(.hessianDiagonal), [-3, 1])
    #expect(near(try OBD(.hutchinson).scores(of: [below], in: context)[0], [0, 2]))
  }

  /// S of the vector W1 = [[1, -2], [0.5, 1]], W2 = [[3, -1]], with ways through the two by hand.
  private func flow(_ candidates: [Candidate]) throws -> [Candidate] {
    let w = try candidates.map { try $0.values.doubles(0..<$0.count).map(\.magnitude) }
    // Kernels are stored by input: W1 is [in][out], W2 one number an input.
    let first = [w[1][0], w[1][1], w[1][0], w[1][1]]
    let second = [w[0][0] + w[0][2], w[0][1] + w[0][3]]
    let kind = Sensitivity(.flow, on: .none)
    return zip(candidates, [first, second]).map { $0.sensed([kind: $1]) }
  }

  @Test func synflow() throws {
    let start = [dense("w1", rows: [[1, -2], [0.5, 1]]), dense("w2", rows: [[3, -1]])]
    let scores = try SynFlow().scores(of: flow(start), in: context)
    #expect(near(scores[0], [3, 0.5, 6, 1]) && near(scores[1], [9, 1.5]))
    var calls = 0
    func result(rounds: Int) throws -> PruneResult {
      calls = 0
      return try PrunePlan(target: .keep(2), criterion: SynFlow(rounds: rounds)).prune(
        start, file: "m.h5",
        sensing: {
          calls += 1
          return try flow($0)
        })
    }
    // At once, both weights of the widest way would do; round by round, one of each layer stays.
    #expect(try result(rounds: 100).prunedIndices == [[0, 1, 3], [1]])
    #expect(calls == 100)
    _ = try result(rounds: 1)
    #expect(calls == 1)
    #expect(throws: PruningError.self) {
      try PrunePlan(target: .keep(2), criterion: SynFlow(), scope: .layer).check()
    }
  }

  @Test func scalesOfBatchNormalisation() throws {
    let kernel = kernel("conv", [1, 1, 1, 1, 1, 1, 1, 1], shape: [1, 1, 2, 4])
    let one = Candidate(kernel, neighbours: Neighbours(gammas: [0.9, -0.01, 0.5, 0.2]))
    #expect(
      try BNScale().scores(of: [one], in: context) == [
        [0.9, 0.01, 0.5, 0.2, 0.9, 0.01, 0.5, 0.2]
      ])
    for (sparsity, pruned) in [(0.25, [1, 5]), (0.5, [1, 3, 5, 7]), (0.75, [1, 2, 3, 5, 6, 7])] {
      let plan = PrunePlan(target: .sparsity(sparsity), criterion: BNScale())
      #expect(try plan.prune([one], file: "m.h5").prunedIndices == [pruned])
    }
    let error = PruningError.noGamma(file: "m.h5", tensor: "conv")
    #expect(throws: error) {
      try BNScale().scores(of: [Candidate(kernel, neighbours: Neighbours())], in: context)
    }
    #expect(error.fault == .unsupported)
  }

  @Test func gammasAreThoseOfTheNetworkAsItIsNow() throws {
    let conv = kernel("conv", [1, 1, 1, 1], shape: [1, 1, 1, 4])
    let behind = kernel("next", [1, 1, 1, 1], shape: [1, 1, 4, 1])
    let start = Candidate(
      conv,
      neighbours: Neighbours(
        next: [Neighbour(behind, scale: [1, 2, 3, 4])], nextSkips: 1, gammas: [4, 3, 2, 1]))
    let trained = Neighbours(
      next: [Neighbour(conv, scale: [4, 3, 2, 1])], nextSkips: 1, gammas: [1, 2, 3, 4])
    let plan = PrunePlan(target: .keep(2), criterion: BNScale())
    #expect(try plan.prune([start], file: "m.h5").prunedIndices == [[2, 3]])
    let result = try plan.prune([start], file: "m.h5", sensing: { candidates in
      candidates.map {
        Candidate($0.kernel, neighbours: $0.neighbours?.rescaled(as: trained))
      }
    })
    #expect(result.prunedIndices == [[0, 1]])
    // The kernels stay those of the run.
    let rescaled = start.neighbours?.rescaled(as: trained)
    #expect(rescaled?.next.first?.kernel.name == "next" && rescaled?.nextSkips == 1)
    #expect(rescaled?.next.first?.scale == [4, 3, 2, 1])
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
