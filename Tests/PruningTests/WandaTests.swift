import Tensors
import Testing

@testable import Pruning

/// Wanda's scores, and the ranking inside each output that it is meant for.
struct WandaTests {
  private func near(_ found: [Double], _ expected: [Double]) -> Bool {
    found.count == expected.count
      && zip(found, expected).allSatisfy { abs($0 - $1) <= 5e-9 * max(1, abs($1)) }
  }

  /// W=[[1,-.4,.5],[.2,.9,-.3]] (rows = outputs) on samples [1,3,.5], [1,1,.5].
  private var published: Candidate {
    let kernel = dense("w", rows: [[1, -0.4, 0.5], [0.2, 0.9, -0.3]]).kernel
    let matrices = KernelMatrices(shape: [3, 2], inputs: [0], outputs: [1])
    let norms = [2, 10, 0.5].map { $0.squareRoot() }
    return Candidate(kernel, inputs: InputNorms([.init(matrices, norms: norms)]))
  }

  private let raw = ScoringContext(scope: .output)

  @Test func publishedVector() throws {
    // In storage order: by input, then output.
    let scores = try Wanda().scores(of: [published], in: raw)[0]
    #expect(
      near(scores, [1.41421356, 0.28284271, 1.26491106, 2.84604989, 0.35355339, 0.21213203]))
    #expect(Wanda().ownScope == .output && Wanda().needs == .activations)
    let plan = PrunePlan(target: .sparsity(1.0 / 3), criterion: Wanda(), scope: .output)
    let result = try plan.prune([published], file: "m.h5")
    #expect(result.prunedIndices == [[4, 5]] && result.pruned == 2)
    // In one ranking another weight of output 1 goes before the second of output 0.
    let global = PrunePlan(target: .sparsity(1.0 / 3), criterion: Wanda())
    #expect(try global.prune([published], file: "m.h5").prunedIndices == [[1, 5]])
  }

  @Test func groupsHaveInputsOfTheirOwn() throws {
    // A depthwise kernel of two positions, two channels and a multiplier of 1.
    let matrices = KernelMatrices(shape: [2, 1, 2, 1], groups: [2], inputs: [0, 1], outputs: [3])
    let kernel = kernel("d", [1, 1, 1, -2], shape: [2, 1, 2, 1], axes: .depthwise(rank: 4))
    let inputs = InputNorms([.init(matrices, norms: [1, 2, 3, 4])])
    let scores = try Wanda().scores(of: [Candidate(kernel, inputs: inputs)], in: raw)
    #expect(scores == [[1, 3, 2, 8]])
  }

  @Test func partsOfATensorHaveInputsOfTheirOwn() throws {
    let whole = KernelMatrices(shape: [1, 3], inputs: [0], outputs: [1])
    let inputs = InputNorms([
      .init(whole.withOutputs(0..<2), norms: [10]), .init(whole.withOutputs(2..<3), norms: [1]),
    ])
    let kernel = kernel("r", [1, 2, 3], shape: [1, 3])
    let candidate = Candidate(kernel, inputs: inputs)
    #expect(try Wanda().scores(of: [candidate], in: raw) == [[10, 20, 3]])
  }

  @Test func tensorsInOneRankingAreMadeAlike() throws {
    let scores = try Wanda().scores(of: [published], in: ScoringContext())[0]
    #expect(near([scores.reduce(0) { $0 + $1 * $1 }], [1]))
    #expect(near([scores[3] / scores[0]], [2.84604989 / 1.41421356]))
  }

  @Test func unknownInputsAreRefused() {
    let error = PruningError.inputsUnknown(file: "m.h5", tensor: "a", criterion: "wanda")
    let plan = PrunePlan(target: .sparsity(0.5), criterion: Wanda(), scope: .output)
    #expect(throws: error) {
      try plan.prune([candidate("a", [1, 2], shape: [2, 1])], file: "m.h5")
    }
    #expect(error.fault == .unsupported)
  }

  private func byOutput(_ rows: [[Double]], _ sparsity: Double) throws -> PruneResult {
    try PrunePlan(target: .sparsity(sparsity), scope: .output)
      .prune([dense("w", rows: rows)], file: "m.h5")
  }

  /// How many weights of each output are pruned.
  private func counts(_ result: PruneResult, outputs: Int) -> [Int] {
    result.prunedIndices[0].reduce(into: [Int](repeating: 0, count: outputs)) {
      $0[$1 % outputs] += 1
    }
  }

  @Test func everyOutputLosesTheSameNumber() throws {
    // By magnitude alone all of the first output would go.
    let result = try byOutput([[1, 2, 3, 4], [5, 6, 7, 8], [12, 11, 10, 9]], 0.5)
    #expect(result.prunedIndices == [[0, 1, 3, 4, 8, 11]])
    // Seven of twelve: the one left over is the first output's.
    #expect(
      counts(try byOutput([[1, 2, 3, 4], [5, 6, 7, 8], [9, 9, 9, 9]], 0.58), outputs: 3) == [
        3, 2, 2,
      ])
    // Ties by the place in the output.
    #expect(try byOutput([[1, 1, 1], [1, 1, 1]], 1.0 / 3).prunedIndices == [[0, 1]])
  }

  @Test func zerosAndInfinitiesCountForTheirOutput() throws {
    // The first output has more zeros than its part, so the others give up fewer: six in all.
    let zeros = try byOutput([[0, 0, -0.0, 4], [5, 6, 7, 8], [12, 11, 10, 9]], 0.5)
    #expect(zeros.pruned == 6 && counts(zeros, outputs: 3) == [3, 2, 1])
    // Zeros enough: nothing changes.
    let none = try byOutput([[0, 0, 0, 4], [5, 6, 7, 8]], 0.25)
    #expect(none.pruned == 3 && !none.tensors[0].isChanged)
    let plan = PrunePlan(target: .sparsity(0.5), scope: .output, allowsNonfinite: true)
    let odd = dense("w", rows: [[.infinity, .nan, .infinity, 4], [5, 6, 7, 8]])
    let kept = try plan.prune([odd], file: "m.h5")
    #expect(kept.prunedIndices == [[1, 3, 5, 6]])
  }

  @Test func everyLayoutAndEveryNumberOfThreads() throws {
    var stream = Stream(state: 7)
    let shape = [3, 3, 20, 24]
    let numbers = (0..<3 * 3 * 20 * 24).map { _ in Double(Int.random(in: 1...9, using: &stream)) }
    for axes in [KernelAxes.standard(rank: 4), .transposed(rank: 4), .depthwise(rank: 4)] {
      let one = candidate("w", numbers, shape: shape, axes: axes)
      let layout = one.kernel.layout
      // By sorting every output.
      let wanted = Int(0.7 * Double(numbers.count) + 0.5)
      var slow: [Int] = []
      let parts = apportion(wanted, over: (0..<layout.outputs).map { _ in layout.rows })
      for (output, part) in parts.enumerated() {
        let order = (0..<layout.rows).sorted { a, b in
          let (x, y) = (layout.index(row: a, output: output), layout.index(row: b, output: output))
          return (numbers[x].magnitude, a) < (numbers[y].magnitude, b)
        }
        slow += order.prefix(part).map { layout.index(row: $0, output: output) }
      }
      try withThreads {
        let result = try PrunePlan(target: .sparsity(0.7), scope: .output).prune([one], file: "m")
        #expect(result.pruned == wanted && result.prunedIndices[0] == slow.sorted())
      }
    }
  }

  @Test func setsAndStepsByOutput() throws {
    let tensors = [
      dense("a", rows: [[1, 2, 3, 4], [5, 6, 7, 8]]),
      dense("b", rows: [[1, 2, 3, 4], [5, 6, 7, 8]]),
    ]
    let plan = PrunePlan(
      target: .sparsity(0.5), scope: .output, schedule: Geometric(steps: 2), overrides: [0: 0.75])
    let result = try plan.prune(tensors, file: "m.h5")
    #expect(result.prunedIndices == [[0, 1, 2, 3, 4, 5], [0, 1, 2, 3]])
    #expect(result.steps.last?.pruned == 10)
    #expect(throws: PruningError.self) {
      try PrunePlan(target: .sparsity(0.5), criterion: LAMP(), scope: .output).check()
    }
  }
}
