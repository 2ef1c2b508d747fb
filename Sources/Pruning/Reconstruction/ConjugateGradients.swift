import COpenBLAS

/// Parts of one positive definite system solved for several right sides at once, by conjugate
/// gradients scaled by the diagonal (Hestenes and Stiefel 1952): for systems that are too large to be
/// eliminated again for every output.
struct ConjugateGradients {
  /// The residual at which it ends, relative to the right side.
  static let tolerance = 1e-6
  static let mostSteps = 500

  private let matrix: [Double]
  private let inputs: Int

  /// A symmetric positive definite matrix, `[inputs][inputs]`, whole.
  init(_ matrix: [Double], inputs: Int) {
    self.matrix = matrix
    self.inputs = inputs
  }

  /// One right side, a solution to begin with, and the places at which the solution is not zero.
  struct System {
    var right: [Double]
    var start: [Double]
    var kept: [Int]
  }

  /// One solution a system. Those that take more than `mostSteps` steps are left where they are,
  /// which is nearer than where they began.
  func solve(_ systems: [System]) -> [[Double]] {
    let n = inputs
    var x = [Double](repeating: 0, count: systems.count * n)
    var residual = x
    var direction = x
    var product = x
    var energies = [Double](repeating: 0, count: systems.count)
    var limits = energies
    for (s, system) in systems.enumerated() {
      for i in system.kept { x[s * n + i] = system.start[i] }
    }
    multiply(x, into: &product)
    for (s, system) in systems.enumerated() {
      for i in system.kept {
        residual[s * n + i] = system.right[i] - product[s * n + i]
        limits[s] += system.right[i] * system.right[i]
      }
      limits[s] *= Self.tolerance * Self.tolerance
    }
    var open = Array(systems.indices)
    for step in 0..<Self.mostSteps {
      open.removeAll { s in
        var (norm, energy) = (0.0, 0.0)
        for i in systems[s].kept {
          let square = residual[s * n + i] * residual[s * n + i]
          norm += square
          energy += square / matrix[i * n + i]
        }
        guard norm > limits[s], energy > 0 else {
          // It must not move any more.
          for i in systems[s].kept { direction[s * n + i] = 0 }
          return true
        }
        let keep = step == 0 ? 0 : energy / energies[s]
        energies[s] = energy
        for i in systems[s].kept {
          direction[s * n + i] =
            residual[s * n + i] / matrix[i * n + i] + keep * direction[s * n + i]
        }
        return false
      }
      guard !open.isEmpty else { break }
      multiply(direction, into: &product)
      for s in open {
        let curvature = systems[s].kept.reduce(0) {
          $0 + direction[s * n + $1] * product[s * n + $1]
        }
        guard curvature > 0, curvature.isFinite else { continue }
        let length = energies[s] / curvature
        for i in systems[s].kept {
          x[s * n + i] += length * direction[s * n + i]
          residual[s * n + i] -= length * product[s * n + i]
        }
      }
    }
    return systems.indices.map { Array(x[$0 * n..<($0 + 1) * n]) }
  }

  /// Every row of `x` times the matrix.
  private func multiply(_ x: [Double], into product: inout [Double]) {
    let (n, m) = (Int32(inputs), Int32(x.count / max(1, inputs)))
    ob_dgemm(false, false, m, n, n, 1, x, n, matrix, n, 0, &product, n)
  }
}
