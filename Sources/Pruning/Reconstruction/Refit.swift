import Parallel
import Tensors

/// The kept weights of a kernel, fitted anew so that its outputs are as near as can be to those of the
/// dense kernel on calibration data.
///
/// Every output is solved by itself (`MaskedLeastSquares`) with several dampings, plain zeroing among
/// them; the one that is best on the rows that were held back is then fitted to all rows. So an
/// output for which there is too little data keeps its weights.
public struct Refit: Sendable {
  /// The kernel in the tensor's order: only elements of the equations' matrices count.
  public var weights: [Float]
  /// What is to be added to each output, `[groups][outputs]`; zeros where nothing can be.
  public var shifts: [Double]
  /// The mean square that the outputs are off, over all outputs: with the pruned weights at zero and
  /// all others as they were, and now.
  public var zeroedError: Double
  public var error: Double
  /// Outputs that keep their weights.
  public var unchanged: Int

  /// Shares of the mean of the covariance's diagonal.
  static let dampings = [0.001, 0.01, 0.1, 1]
  /// The one that SparseGPT takes, for matrices that are too large to try several.
  static let onlyDamping = 0.01
  static let largestTried = 1024

  /// Kernels with more inputs are not fitted: a covariance takes 8 bytes for every pair of them, and
  /// there are several of it at once.
  public static let mostInputs = 8192

  /// Fits the kernel `dense` (in the tensor's order) under `mask`.
  public init(
    _ equations: KernelEquations, dense: [Float], mask: Mask, matrices: KernelMatrices,
    canShift: Bool
  ) throws {
    precondition(mask.count == dense.count)
    weights = dense
    shifts = [Double](repeating: 0, count: matrices.groups * matrices.outputs)
    (zeroedError, error, unchanged) = (0, 0, 0)
    for group in 0..<matrices.groups {
      let fit = GroupFit(
        fitted: equations.fitted[group], held: equations.held[group],
        dense: dense.matrix(matrices, group: group), canShift: canShift)
      let kept = (0..<matrices.outputs).map { output in
        (0..<matrices.inputs).filter {
          mask[matrices.element(group: group, input: $0, output: output)]
        }
      }
      let outputs = try fit.solved(kept: kept)
      for (output, solved) in outputs.enumerated() {
        for (input, weight) in solved.weights.enumerated() {
          weights[matrices.element(group: group, input: input, output: output)] = Float(weight)
        }
        shifts[group * matrices.outputs + output] = solved.shift
        zeroedError += solved.zeroedError / Double(shifts.count)
        error += solved.error / Double(shifts.count)
        unchanged += solved.isUnchanged ? 1 : 0
      }
    }
  }
}

/// The fit of one matrix.
private struct GroupFit: Sendable {
  private(set) var fitted: NormalEquations
  private(set) var held: NormalEquations
  /// `[outputs][inputs]`
  let start: [Double]
  let canShift: Bool
  var inputs: Int { fitted.inputs }
  var outputs: Int { fitted.outputs }

  init(fitted: NormalEquations, held: NormalEquations, dense: [Float], canShift: Bool) {
    self.fitted = fitted
    self.held = held
    self.canShift = canShift
    var start = [Double](repeating: 0, count: dense.count)
    for input in 0..<fitted.inputs {
      for output in 0..<fitted.outputs {
        start[output * fitted.inputs + input] = Double(dense[input * fitted.outputs + output])
      }
    }
    self.start = start
    self.fitted.mirror()
    self.held.mirror()
  }

  private var dampings: [Double] {
    inputs > Refit.largestTried ? [Refit.onlyDamping] : Refit.dampings
  }

  struct Solved: Sendable {
    var weights: [Double]
    var shift: Double
    var zeroedError: Double
    var error: Double
    var isUnchanged: Bool
  }

  /// One result an output.
  func solved(kept: [[Int]]) throws -> [Solved] {
    var all = fitted
    all.add(held)
    let zeroed = kept.enumerated().map { zeroedWeights(of: $0.offset, kept: $0.element) }
    guard all.count > 0 else {
      return zeroed.map {
        Solved(weights: $0, shift: 0, zeroedError: 0, error: 0, isUnchanged: true)
      }
    }
    // The best damping of each output; nil for plain zeroing.
    var best = [Double?](repeating: nil, count: outputs)
    if held.count > 0, fitted.count > 0 {
      var least = try errors(of: zeroed, fittedTo: fitted, judgedBy: held)
      for damping in dampings {
        let solutions = try solutions(
          fitted, damping: damping, kept: kept, for: kept.indices.map { _ in true })
        let found = try errors(
          of: zip(solutions, zeroed).map { $0 ?? $1 }, fittedTo: fitted, judgedBy: held)
        for output in 0..<outputs where solutions[output] != nil && found[output] < least[output] {
          (least[output], best[output]) = (found[output], damping)
        }
      }
    } else {
      best = [Double?](repeating: Refit.onlyDamping, count: outputs)
    }
    var weights = zeroed
    for damping in Set(best.compactMap(\.self)).sorted() {
      let wanted = best.map { $0 == damping }
      for (output, solution) in try solutions(all, damping: damping, kept: kept, for: wanted)
        .enumerated()
      {
        if let solution { weights[output] = solution }
      }
    }
    let before = try errors(of: zeroed, fittedTo: all, judgedBy: all)
    let after = try errors(of: weights, fittedTo: all, judgedBy: all)
    return (0..<outputs).map { output in
      let isUnchanged = best[output] == nil || after[output] >= before[output]
      let own = isUnchanged ? zeroed[output] : weights[output]
      return Solved(
        weights: own, shift: shift(own, output, all), zeroedError: before[output],
        error: isUnchanged ? before[output] : after[output], isUnchanged: isUnchanged)
    }
  }

  private func zeroedWeights(of output: Int, kept: [Int]) -> [Double] {
    var weights = [Double](repeating: 0, count: inputs)
    for place in kept { weights[place] = start[output * inputs + place] }
    return weights
  }

  /// The constant that brings the mean of an output to where it should be.
  private func shift(_ weights: [Double], _ output: Int, _ equations: NormalEquations) -> Double {
    guard canShift, equations.count > 0 else { return 0 }
    var sum = equations.sumY[output]
    for i in 0..<inputs { sum -= weights[i] * equations.sumX[i] }
    let mean = sum / Double(equations.count)
    return mean.isFinite ? mean : 0
  }

  private func errors(
    of weights: [[Double]], fittedTo own: NormalEquations, judgedBy judge: NormalEquations
  ) throws -> [Double] {
    let constants = weights.enumerated().map { shift($0.element, $0.offset, own) }
    let blocks = Parallel.pieces(of: outputs, size: Self.block)
    return try Parallel.map(blocks.count) {
      judge.errors(blocks[$0], weights: weights[blocks[$0]], constants: constants[blocks[$0]])
    }.flatMap { $0 }
  }

  /// Outputs that are solved together.
  private static let block = 32

  /// The solution of every output for which `wanted` holds, under one damping.
  private func solutions(
    _ equations: NormalEquations, damping: Double, kept: [[Int]], for wanted: [Bool]
  ) throws -> [[Double]?] {
    let (n, m) = (inputs, outputs)
    let rows = Double(equations.count)
    let shiftX = canShift ? equations.sumX.map { $0 / rows } : [Double](repeating: 0, count: n)
    let shiftY = canShift ? equations.sumY.map { $0 / rows } : [Double](repeating: 0, count: m)
    var covariance = equations.gram
    var trace = 0.0
    for i in 0..<n {
      for j in i..<n {
        let value = covariance[i * n + j] / rows - shiftX[i] * shiftX[j]
        covariance[i * n + j] = value
        covariance[j * n + i] = value
      }
      trace += covariance[i * n + i]
    }
    var cross = [Double](repeating: 0, count: n * m)
    for i in 0..<n {
      for o in 0..<m {
        cross[o * n + i] = equations.cross[i * m + o] / rows - shiftX[i] * shiftY[o]
      }
    }
    let level = damping * trace / Double(n)
    var results = [[Double]?](repeating: nil, count: m)
    // Inputs that never change say nothing.
    guard level > 0, level.isFinite else { return results }
    let system = MaskedLeastSquares(
      covariance: covariance, cross: cross, start: start, damping: level, inputs: n, outputs: m,
      needsInverse: kept.indices.contains { wanted[$0] && 2 * kept[$0].count > n })
    let open = (0..<m).filter { wanted[$0] }
    let blocks = Parallel.pieces(of: open.count, size: Self.block)
    let solved = try Parallel.map(blocks.count) { block in
      system.weights(of: open[blocks[block]].map { ($0, kept[$0]) })
    }
    for (output, solution) in zip(open, solved.joined()) { results[output] = solution }
    return results
  }
}
