import COpenBLAS

/// Least squares with some weights held at zero, for many outputs that share their inputs:
///
///     w_S = argmin |x·w - y|² + λ·|w - w₀|²,  w = 0 outside of S
///     (H_SS + λ·I) w_S = (r + λ·w₀)_S,        H = mean xᵀx, r = mean xᵀy
///
/// Damping pulls to the weights as they were, w₀, and not to zero: with a large λ the kept weights
/// stay as they are, which is plain zeroing, and an input that is always zero keeps its weight. Where
/// y is x·w₀, this is what the surgeon's update leaves after pruning one weight after the other (OBS,
/// Hassibi and Stork 1993; OBC, Frantar and Alistarh 2022, arXiv 2208.11580), in one step.
struct MaskedLeastSquares {
  let inputs: Int
  let outputs: Int
  /// H + λ·I, `[inputs][inputs]`, whole.
  private let damped: [Double]
  /// r + λ·w₀, `[outputs][inputs]`
  private let wanted: [Double]
  private let start: [Double]
  /// (H + λ·I)⁻¹ and the solution without a mask, for outputs that keep more than they lose.
  private let inverse: [Double]?
  private let free: [Double]

  /// - Parameters:
  ///   - covariance: H, whole.
  ///   - cross: r, `[outputs][inputs]`.
  ///   - start: w₀, `[outputs][inputs]`.
  ///   - damping: λ, over 0.
  ///   - needsInverse: whether some outputs keep more than half of their weights.
  init(
    covariance: [Double], cross: [Double], start: [Double], damping: Double, inputs: Int,
    outputs: Int, needsInverse: Bool
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.start = start
    var damped = covariance
    for i in 0..<inputs { damped[i * inputs + i] += damping }
    self.damped = damped
    wanted = zip(cross, start).map { $0 + damping * $1 }
    guard needsInverse, let inverse = Self.inverse(of: damped, inputs) else {
      inverse = nil
      free = []
      return
    }
    self.inverse = inverse
    // Row-major [outputs][inputs] times a symmetric matrix.
    var free = [Double](repeating: 0, count: outputs * inputs)
    let (n, m) = (Int32(inputs), Int32(outputs))
    ob_dgemm(false, false, m, n, n, 1, wanted, n, inverse, n, 0, &free, n)
    self.free = free
  }

  private static func inverse(of matrix: [Double], _ n: Int) -> [Double]? {
    var inverse = matrix
    guard ob_dpotrf(true, Int32(n), &inverse, Int32(n)) == 0,
      ob_dpotri(true, Int32(n), &inverse, Int32(n)) == 0
    else { return nil }
    for i in 0..<n { for j in 0..<i { inverse[i * n + j] = inverse[j * n + i] } }
    return inverse
  }

  /// Rows of a system from which on it is solved step by step (`ConjugateGradients`) and not by
  /// elimination, whose cost grows with the third power.
  static let largestDirect = 1024

  /// The weights of each of `requests`: an output, and the inputs (rising) whose weights are not zero.
  /// Nil where the equations have no solution in double precision.
  func weights(of requests: [(output: Int, kept: [Int])]) -> [[Double]?] {
    var results = requests.map { request -> [Double]? in
      isLarge(request.kept) ? nil : weights(of: request.output, kept: request.kept)
    }
    let large = requests.indices.filter { isLarge(requests[$0].kept) }
    guard !large.isEmpty else { return results }
    let systems = large.map { index in
      let (output, kept) = requests[index]
      let row = output * inputs..<(output + 1) * inputs
      return ConjugateGradients.System(
        right: Array(wanted[row]), start: Array(start[row]), kept: kept)
    }
    for (index, solution) in zip(large, ConjugateGradients(damped, inputs: inputs).solve(systems)) {
      results[index] = solution.allSatisfy(\.isFinite) ? solution : nil
    }
    return results
  }

  private func isLarge(_ kept: [Int]) -> Bool {
    let size = inverse == nil ? kept.count : min(kept.count, inputs - kept.count)
    return size > Self.largestDirect
  }

  private func weights(of output: Int, kept: [Int]) -> [Double]? {
    if kept.isEmpty { return [Double](repeating: 0, count: inputs) }
    if let inverse, kept.count > inputs - kept.count {
      return eliminated(output, kept: kept, inverse)
    }
    let row = output * inputs
    guard let solution = Self.solve(damped, inputs, at: kept, kept.map { wanted[row + $0] }) else {
      return nil
    }
    var weights = [Double](repeating: 0, count: inputs)
    for (i, place) in kept.enumerated() { weights[place] = solution[i] }
    return weights
  }

  /// The same by way of what is pruned, Q: w = w* - G_:Q (G_QQ)⁻¹ w*_Q with the solution w* without a
  /// mask and G = (H + λ·I)⁻¹.
  private func eliminated(_ output: Int, kept: [Int], _ inverse: [Double]) -> [Double]? {
    var weights = Array(free[output * inputs..<(output + 1) * inputs])
    var isKept = [Bool](repeating: false, count: inputs)
    for place in kept { isKept[place] = true }
    let pruned = (0..<inputs).filter { !isKept[$0] }
    guard !pruned.isEmpty else { return weights }
    guard let factors = Self.solve(inverse, inputs, at: pruned, pruned.map { weights[$0] }) else {
      return nil
    }
    for (i, place) in pruned.enumerated() {
      let row = place * inputs
      for j in 0..<inputs { weights[j] -= factors[i] * inverse[row + j] }
    }
    for place in pruned { weights[place] = 0 }
    return weights
  }

  /// Solves the part of a positive definite system at `places`.
  private static func solve(
    _ matrix: [Double], _ n: Int, at places: [Int], _ right: [Double]
  ) -> [Double]? {
    let size = places.count
    var solution = right
    let isSolved = withUnsafeTemporaryAllocation(of: Double.self, capacity: size * size) { part in
      guard let base = part.baseAddress else { return false }
      matrix.withUnsafeBufferPointer { matrix in
        for (i, from) in places.enumerated() {
          for (j, to) in places.enumerated().dropFirst(i) {
            base[i * size + j] = matrix[from * n + to]
          }
        }
      }
      let m = Int32(size)
      guard ob_dpotrf(true, m, base, m) == 0 else { return false }
      // uᵀ·u·w = right
      ob_dtrsm(false, true, true, m, 1, 1, base, m, &solution, 1)
      ob_dtrsm(false, true, false, m, 1, 1, base, m, &solution, 1)
      return true
    }
    return isSolved && solution.allSatisfy(\.isFinite) ? solution : nil
  }
}
