import Keras
import Parallel
import Synchronization
import Tensors

/// How large the inputs of a kernel are, over all rows of the calibration data.
public struct KernelInputs: Sendable {
  /// The kernel among the model's tensors, and the part of it that sees these inputs.
  public let tensor: Int
  public let matrices: KernelMatrices
  /// The bias that is added to its products, whose input is 1 in every row.
  public let bias: Int?
  /// Σ x², `[groups][inputs]`
  public var squares: [Double]
  /// How many rows there were in each group.
  public var rows: Int
}

extension Calibration {
  /// What every kernel of the model is given, in the order of its layers; layers that are called
  /// several times have all calls together. Layers that cannot say it are left out.
  ///
  /// Throws `NetworkError.badInput` where the model cannot run on a sample.
  public func inputs() throws(NetworkError) -> [KernelInputs] {
    let network = dense
    let chunks = Parallel.pieces(of: count, size: network.chunk)
    let arena = Arena(network.plan, samples: network.chunk)
    var faults: [(chunk: Int, fault: DataFaults.Fault)] = []
    var all: [KernelInputs] = []
    // Sums of pieces of a fixed size, added in order.
    let lanes = min(chunks.count, 16)
    let parts =
      (try? Parallel.map(lanes) { [self] lane -> (InputSums, Int, DataFaults.Fault?) in
        let workspace = Workspace(network.plan, arena)
        var sums = InputSums()
        for chunk in stride(from: lane, to: chunks.count, by: lanes) {
          let fault = withSamples { samples in
            let starts = samples.enumerated().map { k, base in
              let floats = network.plan.values[network.plan.inputs[k]].floats
              return UnsafeMutablePointer(mutating: base + chunks[chunk].lowerBound * floats)
            }
            return workspace.run(starts, samples: chunks[chunk].count) { sums.add($0, $1) }
          }
          if let fault { return (sums, chunk, fault) }
        }
        return (sums, 0, nil)
      }) ?? []
    for (sums, chunk, fault) in parts {
      if let fault { faults.append((chunk, fault)) }
      sums.add(to: &all)
    }
    if let first = faults.min(by: { $0.chunk < $1.chunk }) {
      throw network.error(first.fault, firstSample: chunks[first.chunk].lowerBound)
    }
    return all
  }
}

/// The sums of one thread's samples.
private struct InputSums: Sendable {
  private var order: [Key] = []
  private var found: [Key: KernelInputs] = [:]

  private struct Key: Hashable {
    var layer: ObjectIdentifier
    var use: Int
  }

  mutating func add(_ node: Plan.Node, _ frame: Frame) {
    guard let layer = node.layer as? any Calibrated else { return }
    for (index, use) in layer.kernelUses.enumerated() {
      let key = Key(layer: ObjectIdentifier(layer), use: index)
      let size = use.matrices.groups * use.matrices.inputs
      var inputs =
        found[key]
        ?? KernelInputs(
          tensor: use.kernel.tensor, matrices: use.matrices, bias: use.bias?.tensor,
          squares: [Double](repeating: 0, count: size), rows: 0)
      if found[key] == nil { order.append(key) }
      let width = use.matrices.inputs
      layer.giveInputs(of: index, in: frame) { x, count, stride, group in
        for row in 0..<count {
          for i in 0..<width {
            let value = Double(x[row * stride + i])
            inputs.squares[group * width + i] += value * value
          }
        }
        if group == 0 { inputs.rows += count }
      }
      found[key] = inputs
    }
  }

  /// Adds to what others have found in the same order, since all run the same plan.
  func add(to all: inout [KernelInputs]) {
    for (place, key) in order.enumerated() {
      guard let mine = found[key] else { continue }
      guard place < all.count else {
        all.append(mine)
        continue
      }
      for i in mine.squares.indices { all[place].squares[i] += mine.squares[i] }
      all[place].rows += mine.rows
    }
  }
}
