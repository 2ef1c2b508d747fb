import Parallel
import Synchronization

/// All calibration samples on their way through a network, one node after the other: every chunk of
/// samples has memory of its own, so that a layer's variables can be changed between what comes
/// before it and what comes after it.
final class SampleWalk: @unchecked Sendable {
  let network: Network
  let chunks: [Range<Int>]
  private let samples: [UnsafePointer<Float>]
  private let workspaces: [Workspace]

  /// Floats of memory that each sample takes.
  static func floats(perSampleOf network: Network) -> Int {
    let arena = Arena(network.plan, samples: 1)
    return arena.count + arena.scratch
  }

  /// `count` samples, one pointer an input, which stay where they are as long as the walk is there.
  init(_ network: Network, samples: [UnsafePointer<Float>], count: Int, chunk: Int) {
    self.network = network
    self.samples = samples
    chunks = Parallel.pieces(of: count, size: chunk)
    let arena = Arena(network.plan, samples: chunk)
    workspaces = chunks.map { _ in Workspace(network.plan, arena) }
    begin()
  }

  /// Goes back to before the first node.
  func begin() {
    for (range, workspace) in zip(chunks, workspaces) {
      workspace.begin(
        samples.enumerated().map { k, base in
          let floats = network.plan.values[network.plan.inputs[k]].floats
          return UnsafeMutablePointer(mutating: base + range.lowerBound * floats)
        })
    }
  }

  /// Node `node`'s memory for a chunk, the nodes before it having run.
  func frame(_ node: Int, chunk: Int) -> Frame {
    workspaces[chunk].frame(of: node, samples: chunks[chunk].count)
  }

  /// Runs a node on all chunks. Throws `NetworkError.badInput` where it cannot run on a sample.
  func run(node: Int) throws(NetworkError) {
    let faults = Mutex<[Int: DataFaults.Fault]>([:])
    // Nothing in the work throws.
    try? Parallel.forEach(chunks.count) { chunk in
      if let fault = workspaces[chunk].run(node: node, samples: chunks[chunk].count) {
        faults.withLock { $0[chunk] = fault }
      }
    }
    if let (chunk, fault) = faults.withLock({ $0.min { $0.key < $1.key } }) {
      throw network.error(fault, firstSample: chunks[chunk].lowerBound)
    }
  }
}
