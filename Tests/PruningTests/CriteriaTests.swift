import Files
import Tensors
import Testing

@testable import Pruning

/// The vectors of the published methods.
struct CriteriaTests {
  private func near(_ found: [Double], _ expected: [Double], _ tolerance: Double = 5e-9) -> Bool {
    found.count == expected.count
      && zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
  }

  @Test func lampScores() throws {
    let tensors = [
      candidate("a", [1, -2, 3, -4], as: .float64), candidate("b", [0.1, 0.2, -0.3], as: .float64),
    ]
    let scores = try LAMP().scores(of: tensors, in: ScoringContext())
    #expect(near(scores[0], [0.03333333, 0.13793103, 0.36, 1]))
    #expect(near(scores[1], [0.07142857, 0.30769231, 1]))
    // Floats and halves, by the other sort; a zero and an infinity take no part.
    let odd = [candidate("c", [1, 0, -2, .infinity, 3, -0.0, -4, .nan])]
    #expect(
      near(
        try LAMP().scores(of: odd, in: ScoringContext())[0],
        [
          0.03333333, 0, 0.13793103, 0, 0.36, 0, 1, 0,
        ]))
  }

  @Test func lampKeepsBothLayersWhereMagnitudeKillsOne() throws {
    let tensors = [candidate("a", [1, -2, 3, -4]), candidate("b", [0.1, 0.2, -0.3])]
    let byMagnitude = try PrunePlan(target: .keep(4)).prune(tensors, file: "m.h5")
    #expect(byMagnitude.prunedIndices == [[], [0, 1, 2]])
    let byLAMP = try PrunePlan(target: .keep(4), criterion: LAMP()).prune(tensors, file: "m.h5")
    #expect(byLAMP.prunedIndices == [[0, 1], [0]])
  }

  @Test func lampBreaksTiesByIndexAndKeepsOneOfEach() throws {
    let tensors = [candidate("a", [2, 2, 2, 2]), candidate("b", [1, 1])]
    let scores = try LAMP().scores(of: tensors, in: ScoringContext())
    #expect(near(scores[0], [0.25, 1.0 / 3, 0.5, 1]) && near(scores[1], [0.5, 1]))
    let most = try PrunePlan(target: .keep(2), criterion: LAMP()).prune(tensors, file: "m.h5")
    #expect(most.prunedIndices == [[0, 1, 2], [0]])
    #expect(throws: PruningError.unreachable(file: "m.h5", wanted: 5, most: 4, of: 6)) {
      try PrunePlan(target: .keep(1), criterion: LAMP()).prune(tensors, file: "m.h5")
    }
  }

  @Test func lampOfExtremes() throws {
    let huge = candidate("a", [1e300, -2e300, 1e-300, 4e300], as: .float64)
    #expect(near(try LAMP().scores(of: [huge], in: ScoringContext())[0], [1 / 21.0, 0.2, 0, 1]))
    let small = candidate("b", [0x1p-1074, 0x1p-1073], as: .float64)
    #expect(near(try LAMP().scores(of: [small], in: ScoringContext())[0], [0.2, 1]))
  }

  /// W1, W2, W3 of the vector, in a row; scales are gamma / sqrt(variance + ε) after layers 1 and 2.
  private func chain(_ scale1: [Double] = [], _ scale2: [Double] = []) -> [Candidate] {
    let rows: [[[Double]]] = [[[1, 2], [3, 0.5]], [[1, -1], [2, 0.5]], [[2, 1]]]
    let kernels = rows.enumerated().map { dense("w\($0 + 1)", rows: $1).kernel }
    return [
      Candidate(kernels[0], neighbours: Neighbours(next: [Neighbour(kernels[1], scale: scale1)])),
      Candidate(
        kernels[1],
        neighbours: Neighbours(
          previous: [Neighbour(kernels[0], scale: scale1)],
          next: [Neighbour(kernels[2], scale: scale2)])),
      Candidate(
        kernels[2], neighbours: Neighbours(previous: [Neighbour(kernels[1], scale: scale2)])),
    ]
  }

  private let raw = ScoringContext(scope: .layer)

  @Test func lookaheadScores() throws {
    // In storage order: by input, then output.
    let scores = try Lookahead().scores(of: chain(), in: raw)
    #expect(near(scores[0], [5, 11.25, 20, 0.3125]))
    #expect(near(scores[1], [20, 20, 37, 2.3125]))
    #expect(near(scores[2], [8, 4.25]))
    let normalised = try Lookahead().scores(of: chain(), in: ScoringContext())
    for tensor in normalised { #expect(near([tensor.reduce(0) { $0 + $1 * $1 }], [1])) }
    #expect(near(normalised[2], [8, 4.25].map { $0 / (64 + 18.0625).squareRoot() }))
  }

  @Test func lookaheadWithBatchNormalisation() throws {
    let scores = try Lookahead().scores(of: chain([0.5, 2], [1, 0.1]), in: raw)
    #expect(near(scores[1], [5, 0.05, 148, 0.0925]))
    #expect(near(Neighbour.normalisation(gamma: [1, 3], variance: [4, 0]), [0.5, 3e5]))
    #expect(near(Neighbour.normalisation(gamma: nil, variance: [0.25]), [2]))
  }

  @Test func lookaheadAcrossSkipsAndWithoutNeighbours() throws {
    let kernels = chain().map(\.kernel)
    let alone = Candidate(kernels[2], neighbours: Neighbours())
    #expect(near(try Lookahead().scores(of: [alone], in: raw)[0], [4, 1]))
    let skipped = Candidate(
      kernels[2],
      neighbours: Neighbours(previous: [Neighbour(kernels[1])], previousSkips: 1, nextSkips: 2))
    #expect(near(try Lookahead().scores(of: [skipped], in: raw)[0], [24, 10.5]))
    #expect(throws: PruningError.graphUnknown(file: "m.h5", tensor: "w1", criterion: "lookahead")) {
      try PrunePlan(target: .sparsity(0.5), criterion: Lookahead()).prune(
        [Candidate(kernels[0])], file: "m.h5")
    }
  }

  @Test func lookaheadThroughFlattenAndConcatenation() throws {
    // A convolution of 2 filters; flattened from a 1×2 map, its channels are inputs 0, 2 and 1, 3.
    let conv = kernel("conv", [1, 2, 3, 4], shape: [1, 1, 2, 2])
    let dense = kernel("dense", [1, 2, 3, 4], shape: [4, 1])
    let flat = ChannelMap.flattened(channels: 2)
    let both = [
      Candidate(conv, neighbours: Neighbours(next: [Neighbour(dense, channels: flat)])),
      Candidate(dense, neighbours: Neighbours(previous: [Neighbour(conv, channels: flat)])),
    ]
    let scores = try Lookahead().scores(of: both, in: raw)
    #expect(near(scores[0], [10, 80, 90, 320]))
    #expect(near(scores[1], [10, 80, 90, 320]))
    // Two producers of 2 and 1 channels side by side make 3 inputs.
    let other = kernel("other", [5], shape: [1, 1])
    let join = kernel("join", [1, 1, 1], shape: [3, 1])
    let joined = Candidate(
      join,
      neighbours: Neighbours(previous: [
        Neighbour(conv, channels: .listed([1, 0, -1])), Neighbour(other, channels: .offset(2)),
      ]))
    #expect(near(try Lookahead().scores(of: [joined], in: raw)[0], [20, 10, 25]))
  }

  @Test func lookaheadOfADepthwiseKernel() throws {
    // 2 positions, 2 channels, multiplier 2: output c * 2 + m reads channel c.
    let depthwise = kernel(
      "depthwise", [1, 2, 3, 4, 5, 6, 7, 8], shape: [2, 1, 2, 2], axes: .depthwise(rank: 4))
    let before = kernel("before", [2, 3], shape: [1, 2])
    let after = kernel("after", [1, 2, 3, 4], shape: [4, 1])
    let middle = Candidate(
      depthwise, neighbours: Neighbours(previous: [Neighbour(before)], next: [Neighbour(after)]))
    let scores = try Lookahead().scores(of: [middle], in: raw)[0]
    #expect(near(scores, [4, 64, 729, 2304, 100, 576, 3969, 9216]))
    let outer = Candidate(before, neighbours: Neighbours(next: [Neighbour(depthwise)]))
    #expect(near(try Lookahead().scores(of: [outer], in: raw)[0], [264, 1242]))
  }

  @Test func lookaheadLooksAtMaskedNeighboursInEveryStep() throws {
    let plan = PrunePlan(
      target: .sparsity(0.6), criterion: Lookahead(), schedule: Manual([0.2, 0.4, 0.6]))
    let result = try plan.prune(chain(), file: "m.h5")
    #expect(result.steps.map(\.pruned) == [2, 4, 6] && result.pruned == 6)
    // By hand: mask, then score what is left, three times.
    var current = chain()
    var masks: [Mask] = []
    for count in [2, 4, 6] {
      let step = try PrunePlan(target: .keep(10 - count), criterion: Lookahead())
        .prune(current, file: "m.h5")
      masks = step.masks
      current = current.masked(by: masks)
    }
    #expect(result.masks == masks)
  }

  @Test func randomStreamsDependOnSeedAndNameAlone() throws {
    let numbers = [Double](repeating: 1, count: 1000)
    func scores(_ names: [String], seed: UInt64) throws -> [[Double]] {
      try Random().scores(
        of: names.map { candidate($0, numbers) }, in: ScoringContext(seed: seed))
    }
    let both = try scores(["a", "b"], seed: 0)
    #expect(both[0] != both[1])
    #expect(try scores(["b"], seed: 0)[0] == both[1])
    #expect(try scores(["a"], seed: 1)[0] != both[0])
    #expect(both.joined().allSatisfy { (0..<1).contains($0) })
    #expect(abs(both[0].reduce(0, +) / 1000 - 0.5) < 0.05)
    // These numbers are a promise: the same run gives the same mask for ever.
    #expect(
      try scores(["dense/kernel"], seed: 42)[0].prefix(3) == [
        0.5526296087327217, 0.20775478956868154, 0.13403336864110404,
      ])
  }

  @Test func randomTakesZerosFirst() throws {
    let tensors = [candidate("a", [1, 0, 1, -0.0, 1, 1])]
    let result = try PrunePlan(target: .sparsity(0.5), criterion: Random()).prune(
      tensors, file: "m.h5")
    #expect(
      result.pruned == 3 && result.prunedIndices[0].contains(1)
        && result.prunedIndices[0].contains(3))
  }

  /// Scores as given.
  private struct Given: Criterion {
    let name: String
    let given: [[Double]]
    var summary: String { "" }
    var source: String { "" }
    func scores(of candidates: [Candidate], in context: ScoringContext) -> [[Double]] { given }
  }

  @Test func weightedSums() throws {
    // The top 2 of s1/15 + λ·s2/15.
    let one = Given(name: "one", given: [[5, 4, 3, 2, 1]])
    let two = Given(name: "two", given: [[1, 2, 5, 4, 3]])
    let tensors = [candidate("a", [1, 1, 1, 1, 1])]
    for (factor, kept) in [(1e-9, [0, 1]), (0.5, [0, 2]), (2, [2, 3])] {
      let sum = WeightedSum([
        .init(criterion: one, weight: 1), .init(criterion: two, weight: factor),
      ])
      let result = try PrunePlan(target: .keep(2), criterion: sum).prune(tensors, file: "m.h5")
      #expect((0..<5).filter { result.masks[0][$0] } == kept)
    }
    let sum = try Criteria.parse("magnitude*0.5+l2*1.5")
    let scores = try sum.scores(
      of: [candidate("a", [1, -3]), candidate("b", [0, 4, .nan])], in: ScoringContext())
    #expect(near(scores[0], [0.25, 0.75]) && near(Array(scores[1].prefix(2)), [0, 1]))
  }

  @Test func scoresThatCannotRank() throws {
    for bad in [Double.nan, .infinity, -1, .greatestFiniteMagnitude] {
      let plan = PrunePlan(
        target: .sparsity(0.5), criterion: Given(name: "given", given: [[1, bad, 2]]))
      #expect(
        throws: PruningError.badScore(file: "m.h5", tensor: "a", index: 1, criterion: "given")
      ) { try plan.prune([candidate("a", [1, 1, 1])], file: "m.h5") }
      // The score of a zero is not looked at; a score of nothing ranks after it.
      let zero = try plan.prune([candidate("a", [1, 0, 1])], file: "m.h5")
      #expect(zero.prunedIndices == [[0, 1]])
    }
    let plan = PrunePlan(target: .keep(2), criterion: Given(name: "given", given: [[0, -0.0, 9]]))
    #expect(try plan.prune([candidate("a", [1, 1, 0])], file: "m.h5").prunedIndices == [[2]])
  }

  @Test func names() throws {
    for criterion in Criteria.all {
      #expect(try Criteria.parse(criterion.name).name == criterion.name)
      #expect(!criterion.summary.isEmpty && !criterion.source.isEmpty)
    }
    #expect(try Criteria.parse("lamp + random*2").needs == [.globalScope, .oneKeptPerTensor])
    #expect(try Criteria.parse("hessian").name == "fisher")
    #expect(
      try Criteria.parse("taylor*0.5+snip+taylor+magnitude*0.5").sensitivities == [
        Sensitivity(.gradient), Sensitivity(.gradient, on: .balanced),
      ])
    for text in ["", "L1", "magnitude+", "a*1", "magnitude*1*2"] {
      #expect(throws: PruningError.self) { try Criteria.parse(text) }
    }
    for text in ["magnitude*0", "magnitude*-1+l2", "magnitude*inf", "magnitude*x"] {
      #expect(throws: PruningError.criterionWeight(text)) { try Criteria.parse(text) }
    }
    #expect(PruningError.unknownCriterion("x").fault == .usage)
  }
}
