import Parallel
import Tensors

/// How much the product with the neighbouring layers changes when a weight goes:
///
///     score(w_ij) = w_ij² · P_j · N_i
///
/// P_j is the sum of the squares of all previous weights that make input j, N_i that of all next
/// weights that read output i. A batch normalisation between two layers multiplies by its
/// (gamma / sqrt(variance + 1e-10))². Several neighbours add up, a skip connection adds 1, and where
/// there is no neighbour the factor is 1.
///
/// In global scope each tensor's scores are divided by their Euclidean norm, since the factors of
/// different layers have nothing to do with each other.
public struct Lookahead: Criterion {
  public init() {}
  public var name: String { "lookahead" }
  public var summary: String { "the smallest change of the product with the layers around it" }
  public var source: String { "Park, Lee, Mo, Shin 2020, arXiv 2002.04809" }
  public var needs: CriterionNeeds { .neighbours }

  public func scores(of candidates: [Candidate], in context: ScoringContext) throws -> [[Double]] {
    try candidates.map { candidate in
      guard let neighbours = candidate.neighbours else {
        throw PruningError.graphUnknown(file: context.file, tensor: candidate.name, criterion: name)
      }
      let kernel = candidate.kernel
      let layout = kernel.layout
      let before = try previousFactors(of: layout, neighbours)
      let after = try nextFactors(of: layout, neighbours)
      var scores = try [Double](count: kernel.count) { range, scores in
        try kernel.values.withDoubles(range) { weights in
          layout.forEachPlace(in: range) { i, input, output in
            let weight = weights.loadUnaligned(fromByteOffset: 8 * i, as: Double.self)
            scores[i] = weight.isFinite ? weight * weight * (before[input] * after[output]) : 0
          }
        }
      }
      if context.scope == .global { try scores.scaleToUnitNorm() }
      return scores
    }
  }

  /// P_j for each input channel j.
  private func previousFactors(of layout: KernelLayout, _ neighbours: Neighbours) throws -> [Double]
  {
    // A tensor without an input axis has one factor, of index 0.
    let inputs = max(1, layout.inputs)
    if neighbours.previous.isEmpty, neighbours.previousSkips == 0 {
      return [Double](repeating: 1, count: inputs)
    }
    var factors = [Double](repeating: Double(neighbours.previousSkips), count: inputs)
    for neighbour in neighbours.previous {
      let energies = try neighbour.kernel.energies(of: .outputs)
      for input in 0..<inputs {
        guard let output = neighbour.channels.producer(of: input, outputs: energies.count) else {
          continue
        }
        factors[input] += energies[output] * neighbour.squaredScale(output)
      }
    }
    return factors
  }

  /// N_i for each output i.
  private func nextFactors(of layout: KernelLayout, _ neighbours: Neighbours) throws -> [Double] {
    if neighbours.next.isEmpty, neighbours.nextSkips == 0 {
      return [Double](repeating: 1, count: layout.outputs)
    }
    var factors = [Double](repeating: Double(neighbours.nextSkips), count: layout.outputs)
    for neighbour in neighbours.next {
      for (input, energy) in try neighbour.kernel.energies(of: .inputs).enumerated() {
        guard let output = neighbour.channels.producer(of: input, outputs: layout.outputs) else {
          continue
        }
        factors[output] += energy * neighbour.squaredScale(output)
      }
    }
    return factors
  }
}

extension Neighbour {
  fileprivate func squaredScale(_ channel: Int) -> Double {
    channel < scale.count ? scale[channel] * scale[channel] : 1
  }
}

extension Kernel {
  fileprivate enum Side { case inputs, outputs }

  /// The sum of squares over everything that reads an input channel, or makes an output; what is not
  /// finite is left out.
  fileprivate func energies(of side: Side) throws -> [Double] {
    let layout = layout
    let channels = side == .inputs ? layout.inputs : layout.outputs
    var energies = [Double](repeating: 0, count: channels)
    let blocks = Parallel.pieces(of: count, size: TensorBlock.size)
    let parts = try Parallel.map(blocks.count) { block in
      var part = [Double](repeating: 0, count: channels)
      let range = blocks[block]
      try values.withDoubles(range) { weights in
        layout.forEachPlace(in: range) { i, input, output in
          let weight = weights.loadUnaligned(fromByteOffset: 8 * i, as: Double.self)
          guard weight.isFinite else { return }
          part[side == .inputs ? input : output] += weight * weight
        }
      }
      return part
    }
    for part in parts { for channel in 0..<channels { energies[channel] += part[channel] } }
    return energies
  }
}
