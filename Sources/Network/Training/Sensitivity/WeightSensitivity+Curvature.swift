import Keras

/// Second derivatives from differences of gradients: `(g(w + d) − g(w − d)) / 2` is `H d` but for terms
/// of third order in d. Weights that are zero are left out: they may be pruned.
extension WeightSensitivity {
  /// How far apart gradients are taken, as a share of the norm of the weights. Rounding of float32 is
  /// far below the result then. Where a ReLU turns on or off on the way, the difference has the jump
  /// of the gradient in it, which differentiating twice would leave out.
  private static let reach = 1e-2

  /// `H g` of the mean loss of all rows, both by the tensors' weights alone.
  public func hessianGradient(_ rows: LabelledRows) throws -> [[Double]] {
    let direction = try gradient(rows)
    let weights = current
    var (gradients, all) = (0.0, 0.0)
    for (tensor, values) in direction.enumerated() {
      for i in values.indices where weights[tensor][i] != 0 {
        gradients += values[i] * values[i]
        all += Double(weights[tensor][i]) * Double(weights[tensor][i])
      }
    }
    guard gradients > 0, all > 0 else { return direction.map { $0.map { _ in 0 } } }
    let step = Self.reach * (all / gradients).squareRoot()
    return try difference(along: direction.map { $0.map { $0 * step } }, rows).map {
      $0.map { $0 / step }
    }
  }

  /// The diagonal of the Hessian of the mean loss of all rows: the mean of `v ⊙ (H v)` over `draws`
  /// vectors v of random signs (Hutchinson's estimator; Bekas, Kokiopoulou, Saad 2007).
  public func hessianDiagonal(_ rows: LabelledRows, draws: Int, seed: UInt64) throws -> [[Double]] {
    let weights = current
    // Steps that fit every tensor's own weights.
    let steps = weights.map { values -> Double in
      let squares = values.reduce(0) { $0 + Double($1) * Double($1) }
      return Self.reach * (squares / Double(max(1, values.count))).squareRoot()
    }
    var sums = weights.map { [Double](repeating: 0, count: $0.count) }
    for draw in 0..<draws {
      let signs = RandomSigns(seed: seed, draw: draw)
      let vectors = weights.enumerated().map { tensor, values in
        values.indices.map { signs.at($0, tensor: tensor) * steps[tensor] }
      }
      let products = try difference(along: vectors, rows)
      for (tensor, product) in products.enumerated() where steps[tensor] > 0 {
        for i in product.indices {
          sums[tensor][i] += vectors[tensor][i] * product[i] / (steps[tensor] * steps[tensor])
        }
      }
    }
    return zip(sums, try gradientCounts()).map { sum, count in
      count == 0 ? [] : sum.map { $0 / Double(max(1, draws)) }
    }
  }

  /// The weights as they are; empty for a tensor that the network has not.
  private var current: [[Float]] {
    tensors.map { tensor in
      network.parameters.first { $0.tensor == tensor }.map {
        Array(UnsafeBufferPointer(start: $0.values, count: $0.count))
      } ?? []
    }
  }

  /// Half the difference of the gradients at the weights plus and minus `step`, which may be empty
  /// for tensors; the weights are then as they were.
  private func difference(along step: [[Double]], _ rows: LabelledRows) throws -> [[Double]] {
    let weights = current
    func move(_ sign: Double) {
      for (tensor, place) in tensors.enumerated() {
        guard let parameter = network.parameters.first(where: { $0.tensor == place }) else {
          continue
        }
        for i in step[tensor].indices {
          let weight = weights[tensor][i]
          parameter.values[i] = weight == 0 ? 0 : Float(Double(weight) + sign * step[tensor][i])
        }
      }
    }
    defer { move(0) }
    move(1)
    let above = try gradient(rows)
    move(-1)
    let below = try gradient(rows)
    return zip(above, below).map { zip($0, $1).map { ($0 - $1) / 2 } }
  }
}

/// Signs that follow from the seed, the draw and the place alone.
private struct RandomSigns {
  let seed: UInt64
  let draw: Int

  func at(_ index: Int, tensor: Int) -> Double {
    let stream = RandomStream(seed: seed, step: UInt64(draw), call: UInt64(tensor))
    return stream.uniform(at: UInt64(index)) < 0.5 ? -1 : 1
  }
}
