import COpenBLAS
import Parallel
import Tensors

/// The equations of all groups of a kernel: from most of the calibration data those that it is fitted
/// to, from the rest those that a fit is judged by.
public struct KernelEquations: Sendable {
  var fitted: [NormalEquations]
  var held: [NormalEquations]

  /// What the kernel's outputs are to be.
  public enum Target: String, Sendable, CaseIterable {
    /// What the dense network has there.
    case activations
    /// What the dense kernel makes of the inputs as they are now.
    case weights
  }

  /// Goes through all rows once (twice, for the dense network's outputs). Chunks are gathered in
  /// `lanes` whose sums are added in order, so that results do not depend on the number of threads.
  /// Every eighth chunk is held back. OpenBLAS has to be loaded. Throws what `rows.give` throws.
  public init(_ rows: KernelRows, target: Target) throws {
    let matrices = rows.matrices
    let (n, m) = (matrices.inputs, matrices.outputs)
    let lanes = Self.lanes(groups: matrices.groups, inputs: n, outputs: m)
    let dense = (0..<matrices.groups).map { rows.dense.matrix(matrices, group: $0) }
    let parts = try Parallel.map(lanes) { lane -> [NormalEquations] in
      var equations = [NormalEquations](
        repeating: NormalEquations(inputs: n, outputs: m), count: matrices.groups)
      let panels = (0..<matrices.groups).map { _ in
        RowPanel(inputs: n, outputs: m, capacity: max(32, min(256, (1 << 18) / max(1, n))))
      }
      // The last lane is what is held back.
      let chunks = (0..<rows.chunks).filter { chunk in
        let isHeld = chunk % 8 == 7
        return lane == lanes - 1 ? isHeld : !isHeld && chunk % 8 % (lanes - 1) == lane
      }
      for chunk in chunks {
        var wanted = [[Float]](repeating: [], count: matrices.groups)
        var taken = [Int](repeating: 0, count: matrices.groups)
        let source: KernelRows.Network = target == .activations ? .dense : .pruned
        try rows.give(chunk, source) { x, count, stride, group in
          let start = wanted[group].count
          wanted[group].append(contentsOf: repeatElement(0, count: count * m))
          wanted[group].withUnsafeMutableBufferPointer { y in
            guard let base = y.baseAddress else { return }
            ob_sgemm(
              false, false, Int32(count), Int32(m), Int32(n), 1, x, Int32(stride), dense[group],
              Int32(m), 0, base + start, Int32(m))
          }
        }
        try rows.give(chunk, .pruned) { x, count, stride, group in
          wanted[group].withUnsafeBufferPointer { y in
            guard let base = y.baseAddress else { return }
            panels[group].add(
              x, stride: stride, base + taken[group] * m, count: count, to: &equations[group])
          }
          taken[group] += count
        }
      }
      for group in panels.indices { panels[group].flush(to: &equations[group]) }
      return equations
    }
    fitted = parts[0]
    for part in parts[1..<lanes - 1] {
      for group in fitted.indices { fitted[group].add(part[group]) }
    }
    held = parts[lanes - 1]
  }

  /// Fewer where the sums are large.
  private static func lanes(groups: Int, inputs: Int, outputs: Int) -> Int {
    let size = groups * inputs * (inputs + outputs)
    return size <= 1 << 20 ? 8 : size <= 1 << 23 ? 5 : 2
  }

  /// Adds what another call of the same layer was given.
  public mutating func add(_ other: KernelEquations) {
    for group in fitted.indices {
      fitted[group].add(other.fitted[group])
      held[group].add(other.held[group])
    }
  }

  /// Rows of inputs seen, of the first group.
  public var rows: Int { (fitted.first?.count ?? 0) + (held.first?.count ?? 0) }
}

extension [Float] {
  /// The matrix of a group, `[inputs][outputs]`, out of a tensor.
  func matrix(_ matrices: KernelMatrices, group: Int) -> [Float] {
    var matrix: [Float] = []
    matrix.reserveCapacity(matrices.inputs * matrices.outputs)
    for input in 0..<matrices.inputs {
      for output in 0..<matrices.outputs {
        matrix.append(self[matrices.element(group: group, input: input, output: output)])
      }
    }
    return matrix
  }
}
