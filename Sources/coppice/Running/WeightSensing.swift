import Datasets
import Keras
import Network
import Pruning
import Tensors

/// Takes what a criterion asks for of the weights: gradients on the user's data and the like, at the
/// weights as they are in each step.
final class WeightSensing {
  private let network: Network
  private let tensors: [Int]
  private let wanted: [Sensitivity]
  private let sensitivity: WeightSensitivity
  private let synapticFlow: SynapticFlow?
  private let rows: [Sensitivity.Rows: LabelledRows]
  private let seed: UInt64

  /// Vectors of random signs for an estimate of the Hessian's diagonal.
  static let hutchinsonDraws = 64

  /// - Parameters:
  ///   - tensors: places in the model of the candidates, in their order.
  ///   - source: nil for a criterion that asks for nothing on data.
  ///
  /// Throws where the data cannot be read, and where flow cannot go through the network.
  init(
    _ network: Network, of model: Model, tensors: [Int], criterion: any Criterion,
    on source: ScoreRows?, loss: String?, seed: UInt64
  ) throws {
    self.network = network
    self.tensors = tensors
    self.seed = seed
    wanted = criterion.sensitivities
    let outputs = network.outputs.count
    var rows: [Sensitivity.Rows: LabelledRows] = [:]
    if let source {
      for kind in Set(wanted.map(\.rows)) where kind != .none {
        rows[kind] = try source.read(try source.draw(kind), outputs: outputs)
      }
    }
    self.rows = rows
    synapticFlow =
      wanted.contains { $0.kind == .flow } ? try SynapticFlow(network, tensors: tensors) : nil
    var options = Training.Options()
    options.loss = loss
    sensitivity = WeightSensitivity(
      network, of: model, tensors: tensors,
      forms: source?.part.forms(outputs: outputs) ?? .init(repeating: nil, count: outputs),
      options: options)
  }

  /// How many rows it looks at; of several draws, the most.
  var samples: Int { rows.values.reduce(0) { max($0, $1.count) } }

  /// The candidates with what was asked for, at their own weights. The network is then as it was.
  func sense(_ candidates: [Candidate]) throws -> [Candidate] {
    let before = network.snapshot
    defer {
      network.restore(before)
      network.refresh()
    }
    for (candidate, tensor) in zip(candidates, tensors) {
      try network.setValues(ofTensor: tensor, to: candidate.values)
    }
    var found = [[Sensitivity: [Double]]](repeating: [:], count: candidates.count)
    for kind in wanted {
      for (place, numbers) in try take(kind).enumerated() where !numbers.isEmpty {
        found[place][kind] = numbers
      }
    }
    return zip(candidates, found).map { $0.sensed($1) }
  }

  private func take(_ wanted: Sensitivity) throws -> [[Double]] {
    if let synapticFlow, wanted.kind == .flow { return try synapticFlow.flow() }
    guard let rows = rows[wanted.rows] else { return [] }
    switch wanted.kind {
    case .gradient: return try sensitivity.gradient(rows)
    case .batchSquaredGradient: return try sensitivity.batchSquaredGradient(rows)
    case .flow: return []
    case .gaussNewton: return try sensitivity.gaussNewton(rows)
    case .squaredGradient: return try sensitivity.squaredGradient(rows)
    case .hessianGradient(let temperature):
      return try sensitivity.hessianGradient(rows, temperature: temperature)
    case .hessianDiagonal:
      return try sensitivity.hessianDiagonal(rows, draws: Self.hutchinsonDraws, seed: seed)
    }
  }
}
