import COpenBLAS
import Tensors
import Testing

@testable import Pruning

/// Kept weights fitted to what the dense kernel gave. The vectors are those of the optimal brain
/// surgeon, OBC and SparseGPT, computed with numpy.
struct ReconstructionTests {
  init() { #expect(ob_load() == nil) }

  private func near(_ found: [Double], _ expected: [Double], _ tolerance: Double = 5e-8) -> Bool {
    found.count == expected.count
      && zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
  }

  /// The weights of a row `w` with those outside of `kept` gone, under H, and what they cost:
  /// (w - w₀)ᵀ·H·(w - w₀).
  private func solve(
    _ h: [[Double]], _ w: [Double], kept: [Int], damping: Double = 1e-12, viaInverse: Bool = false
  ) -> (
    weights: [Double], cost: Double
  )? {
    let n = w.count
    let system = MaskedLeastSquares(
      covariance: h.flatMap { $0 },
      cross: h.map { row in zip(row, w).reduce(0) { $0 + $1.0 * $1.1 } },
      start: w, damping: damping, inputs: n, outputs: 1, needsInverse: viaInverse)
    guard let found = system.weights(of: [(0, kept)])[0] else { return nil }
    let change = zip(found, w).map { $0 - $1 }
    let cost = (0..<n).reduce(0) { sum, i in
      sum + change[i] * (0..<n).reduce(0) { $0 + h[i][$1] * change[$1] }
    }
    return (found, cost)
  }

  @Test func surgeon() throws {
    // Saliencies .75 and 3 are half of what each costs.
    let h: [[Double]] = [[2, 1], [1, 2]]
    let first = try #require(solve(h, [1, 2], kept: [1]))
    #expect(near(first.weights, [0, 2.5]) && near([first.cost / 2], [0.75]))
    let second = try #require(solve(h, [1, 2], kept: [0]))
    #expect(near(second.weights, [2, 0]) && near([second.cost / 2], [3]))
  }

  @Test func obcRowByRow() throws {
    // H = 2·X·Xᵀ of X = [[1,0,1,1],[0,1,1,0],[1,1,0,2]]; errors are of X alone.
    let h: [[Double]] = [[6, 2, 6], [2, 4, 2], [6, 2, 12]]
    let w = [1, -0.5, 0.8]
    let scores = try (0..<3).map { q in
      try #require(solve(h, w, kept: (0..<3).filter { $0 != q })).cost
    }
    #expect(near(scores, [2.72727273, 0.83333333, 3.84]))
    let one = try #require(solve(h, w, kept: [0, 2]))
    #expect(near(one.weights, [0.83333333, 0, 0.8]) && near([one.cost / 2], [0.41666667]))
    let two = try #require(solve(h, w, kept: [2]))
    #expect(near(two.weights, [0, 0, 1.21666667]) && near([two.cost / 2], [1.45833333]))
    #expect(try #require(solve(h, w, kept: [])).weights == [0, 0, 0])
  }

  /// SparseGPT's rows on X = [[1,0,1,1],[0,1,1,0],[1,1,0,2],[.5,0,0,1]]: no other weights under its
  /// masks cost less, and its own update of the second row costs .98184214, more than zeroing does.
  @Test func sparseGPTsMasksAtTheirBest() throws {
    let x: [[Double]] = [[1, 0, 1, 1], [0, 1, 1, 0], [1, 1, 0, 2], [0.5, 0, 0, 1]]
    let h = x.map { a in x.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / 2 } }
    for viaInverse in [false, true] {
      let one = try #require(
        solve(h, [0.3, -0.6, 0.2, 0.8], kept: [1, 3], damping: 0.0153125, viaInverse: viaInverse))
      #expect(near([one.cost, one.weights[3]], [0.01172067, 1.54182528]))
      let two = try #require(
        solve(h, [1, -0.5, 0.8, 0.3], kept: [0, 2], damping: 0.0153125, viaInverse: viaInverse))
      #expect(two.cost <= 0.30625 && two.weights[1] == 0 && two.weights[3] == 0)
    }
  }

  /// A system of some size: the three ways of solving it agree.
  @Test func everyWayGivesTheSame() throws {
    var stream = Stream(state: 3)
    let n = 24
    let x = (0..<60).map { _ in (0..<n).map { _ in Double.random(in: -1...1, using: &stream) } }
    let h = (0..<n).map { i in (0..<n).map { j in x.reduce(0) { $0 + $1[i] * $1[j] } } }
    let w = (0..<n).map { _ in Double.random(in: -1...1, using: &stream) }
    for count in [1, 5, 11, 12, 13, 20, 23, 24] {
      let kept = Array((0..<n).shuffled(using: &stream).prefix(count)).sorted()
      let direct = try #require(solve(h, w, kept: kept))
      let inverse = try #require(solve(h, w, kept: kept, viaInverse: true))
      #expect(near(direct.weights, inverse.weights))
      let flat = h.flatMap { $0 }
      let right = h.map { row in zip(row, w).reduce(0) { $0 + $1.0 * $1.1 } }
      let steps = ConjugateGradients(flat, inputs: n).solve([
        .init(right: right, start: w, kept: kept),
        .init(right: right, start: [Double](repeating: 0, count: n), kept: kept),
        .init(right: right, start: w, kept: []),
      ])
      #expect(near(steps[0], direct.weights, 1e-4) && near(steps[1], direct.weights, 1e-4))
      #expect(steps[2] == [Double](repeating: 0, count: n))
    }
  }

  @Test func dampingLeadsBackToTheWeights() throws {
    let h: [Double] = [6, 2, 0, 2, 4, 0, 0, 0, 0]
    let w = [1.0, -0.5, 0.8]
    // The last input is always zero: it keeps its weight whatever the damping is.
    for damping in [1e-9, 1, 1e9] {
      let system = MaskedLeastSquares(
        covariance: h, cross: [5, 0, 0], start: w, damping: damping, inputs: 3, outputs: 1,
        needsInverse: false)
      let found = try #require(system.weights(of: [(0, [0, 2])])[0])
      #expect(found[1] == 0 && near([found[2]], [0.8]))
      #expect(abs(found[0] - (damping > 1 ? 1 : damping < 1 ? 5.0 / 6 : 6.0 / 7)) < 1e-6)
    }
  }

  // MARK: Whole kernels

  /// Rows in chunks, of which the dense network's are `dense`; for every group the same.
  private func rows(
    _ matrices: KernelMatrices, weights: [Float], _ current: [[Float]], dense: [[Float]]? = nil,
    chunks: Int = 16, canShift: Bool = true
  ) -> KernelRows {
    let n = matrices.inputs
    let groups = matrices.groups
    return KernelRows(matrices: matrices, dense: weights, chunks: chunks, canShift: canShift) {
      chunk, network, take in
      let all = network == .dense ? dense ?? current : current
      let own = stride(from: chunk, to: all.count, by: chunks).flatMap { all[$0] }
      own.withUnsafeBufferPointer { x in
        guard let base = x.baseAddress, own.count > 0 else { return }
        for group in 0..<groups { take(base, own.count / n, n, group) }
      }
    }
  }

  private func samples(_ count: Int, _ n: Int, seed: UInt64) -> [[Float]] {
    var stream = Stream(state: seed)
    return (0..<count).map { _ in
      // Inputs that say much of each other.
      let common = Float.random(in: 0...1, using: &stream)
      return (0..<n).map { _ in common + Float.random(in: 0...0.5, using: &stream) }
    }
  }

  private func mask(_ kept: [Bool]) -> Mask {
    var mask = Mask(count: kept.count, keeping: false)
    for (i, isKept) in kept.enumerated() { mask[i] = isKept }
    return mask
  }

  @Test func keptWeightsAndBiasMakeUpForPrunedOnes() throws {
    let matrices = KernelMatrices(shape: [4, 3], inputs: [0], outputs: [1])
    let weights: [Float] = [1, -1, 0.5, 2, 0.5, -0.5, 0.3, 1, 1, -0.2, 0.7, 2]
    let kept = mask((0..<12).map { $0 % 2 == 0 })
    for target in KernelEquations.Target.allCases {
      let given = rows(matrices, weights: weights, samples(400, 4, seed: 5))
      let equations = try KernelEquations(given, target: target)
      #expect(equations.rows == 400)
      let fit = try Refit(
        equations, dense: weights, mask: kept, matrices: matrices, canShift: true)
      #expect(
        fit.error < fit.zeroedError / 2 && fit.unchanged == 0, "\(fit.error) of \(fit.zeroedError)")
      for i in 0..<12 { #expect((fit.weights[i] == 0) == !kept[i]) }
      // What comes out has the mean that it should have.
      for output in 0..<3 {
        let off = samples(400, 4, seed: 5).reduce(0.0) { sum, x in
          sum
            + (0..<4).reduce(0.0) {
              $0 + Double(x[$1]) * Double(fit.weights[3 * $1 + output] - weights[3 * $1 + output])
            }
        }
        #expect(abs(off / 400 + fit.shifts[output]) < 1e-5)
      }
      let still = try Refit(
        try KernelEquations(
          rows(matrices, weights: weights, samples(400, 4, seed: 5), canShift: false),
          target: target),
        dense: weights, mask: kept, matrices: matrices, canShift: false)
      #expect(still.shifts == [0, 0, 0] && still.error < still.zeroedError)
    }
  }

  @Test func denseOutputsAreTheGoalWhereInputsHaveChanged() throws {
    // The inputs are half of what they were: only twice the weights give the same.
    let matrices = KernelMatrices(shape: [2, 1], inputs: [0], outputs: [1])
    let dense = samples(400, 2, seed: 9)
    let current = dense.map { $0.map { $0 / 2 } }
    let given = rows(matrices, weights: [1, -2], current, dense: dense, canShift: false)
    let all = Mask(count: 2, keeping: true)
    let fit = try Refit(
      try KernelEquations(given, target: .activations), dense: [1, -2], mask: all,
      matrices: matrices, canShift: false)
    #expect(abs(fit.weights[0] - 2) < 0.1 && abs(fit.weights[1] + 4) < 0.1)
    let own = try Refit(
      try KernelEquations(given, target: .weights), dense: [1, -2], mask: all, matrices: matrices,
      canShift: false)
    #expect(abs(own.weights[0] - 1) < 1e-5 && abs(own.weights[1] + 2) < 1e-5)
  }

  @Test func tooLittleDataChangesNothing() throws {
    // Sixteen rows of noise of forty inputs: what fits them says nothing of others.
    var stream = Stream(state: 11)
    let n = 40
    let noise = (0..<16).map { _ in (0..<n).map { _ in Float.random(in: -1...1, using: &stream) } }
    let weights = (0..<n).map { _ in Float.random(in: -1...1, using: &stream) }
    let matrices = KernelMatrices(shape: [n, 1], inputs: [0], outputs: [1])
    let kept = mask((0..<n).map { $0 % 8 != 0 })
    let fit = try Refit(
      try KernelEquations(
        rows(matrices, weights: weights, noise, canShift: false), target: .weights),
      dense: weights, mask: kept, matrices: matrices, canShift: false)
    #expect(fit.error <= fit.zeroedError)
    // And no rows at all nothing.
    let none = try Refit(
      try KernelEquations(
        rows(matrices, weights: weights, [], canShift: true), target: .activations),
      dense: weights, mask: kept, matrices: matrices, canShift: true)
    #expect(none.unchanged == 1 && none.shifts == [0])
    for i in 0..<n { #expect(none.weights[i] == (kept[i] ? weights[i] : 0)) }
  }

  @Test func groupsAreFittedByThemselvesOnAnyNumberOfThreads() throws {
    // Depthwise: three positions, two channels, a multiplier of two.
    let matrices = KernelMatrices(shape: [3, 2, 2], groups: [1], inputs: [0], outputs: [2])
    let weights = (0..<12).map { Float($0 % 5) - 2.5 }
    let kept = mask((0..<12).map { $0 % 3 != 0 })
    var results: [[Float]] = []
    try withThreads {
      let fit = try Refit(
        try KernelEquations(
          rows(matrices, weights: weights, samples(300, 3, seed: 2)), target: .activations),
        dense: weights, mask: kept, matrices: matrices, canShift: true)
      for i in 0..<12 { #expect((fit.weights[i] == 0) == !kept[i]) }
      #expect(fit.error < fit.zeroedError && fit.shifts.count == 4)
      results.append(fit.weights)
    }
    #expect(results[0] == results[1])
  }
}
