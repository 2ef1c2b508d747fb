import Keras

/// Second derivatives from differences of gradients, `H d` from those at `w ± d`, with the corners of
/// activations and maxima held where they are at w: between its corners a network is smooth, and
/// differentiating twice knows of no others. Weights that are zero are left out: they may be pruned.
///
/// Not held are corners inside of recurrent layers, of operations, `PReLU` and `Maximum`: there a
/// difference has the jumps of the gradient in it.
extension WeightSensitivity {
  /// How far apart gradients are taken, as a share of the norm of the weights. Rounding of float32 is
  /// far below the result then.
  private static let reach = 1e-2

  /// What share of itself a gradient changes by along itself at most, else gradients are taken nearer
  /// to each other: a loss that is nearly 0 bends sharply there. At a share of 1 the difference is off
  /// by as much again; at this one, terms of higher order and rounding are about 2e-5 of it each.
  private static let bend = 0.05

  /// What logits are divided by where nothing is said (GraSP's authors' code).
  static let standardTemperature = 200.0

  /// `H g` of the mean loss of all rows, both by the tensors' weights alone and of logits divided by
  /// `temperature`; nil takes 200 for a loss that is one of logits.
  ///
  /// Throws where the loss that is to have a temperature is none of logits.
  public func hessianGradient(
    _ rows: LabelledRows, temperature: Double? = nil
  ) throws -> [[Double]] {
    let training = try held(temperature: temperature ?? Self.standardTemperature)
    if let temperature, temperature != 1, !training.takesLogits {
      throw NetworkError.unsupportedTraining(
        path: network.path,
        what: "a temperature of \(temperature) for a loss that is none of logits",
        advice: "Leave it out, or give 1.")
    }
    training.holdsCorners = false
    let direction = try gradient(rows, by: training)
    let weights = current
    /// The sum of squares over weights that are not zero.
    func squares(_ numbers: [[Double]]) -> Double {
      var sum = 0.0
      for (tensor, values) in numbers.enumerated() {
        for i in values.indices where weights[tensor][i] != 0 { sum += values[i] * values[i] }
      }
      return sum
    }
    let gradients = squares(direction)
    let all = squares(
      zip(direction, weights).map { (gradient: [Double], own: [Float]) -> [Double] in
        gradient.isEmpty ? [] : own.map { Double($0) }
      })
    guard gradients > 0, all > 0 else { return direction.map { $0.map { _ in 0 } } }
    var step = Self.reach * (all / gradients).squareRoot()
    while true {
      let changes = try difference(
        along: direction.map { $0.map { $0 * step } }, rows, by: training, .fifthOrder)
      let change = (squares(changes) / gradients).squareRoot()
      guard change > 1.5 * Self.bend, change.isFinite, step > .leastNormalMagnitude else {
        return changes.map { $0.map { $0 / step } }
      }
      step *= Self.bend / change
    }
  }

  /// The diagonal of the Hessian of the mean loss of all rows: the mean of `v ⊙ (H v)` over `draws`
  /// vectors v of random signs (Hutchinson's estimator; Bekas, Kokiopoulou, Saad 2007).
  public func hessianDiagonal(_ rows: LabelledRows, draws: Int, seed: UInt64) throws -> [[Double]] {
    let weights = current
    let training = try held(temperature: 1)
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
      let products = try difference(along: vectors, rows, by: training, .thirdOrder)
      for (tensor, product) in products.enumerated() where steps[tensor] > 0 {
        for i in product.indices {
          sums[tensor][i] += vectors[tensor][i] * product[i] / (steps[tensor] * steps[tensor])
        }
      }
    }
    return zip(sums, zeros(for: training)).map { sum, taken in
      taken.isEmpty ? [] : sum.map { $0 / Double(max(1, draws)) }
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

  /// Which gradients a difference is made of: `Σ factor·(g(w + offset·d) − g(w − offset·d))`.
  private struct Stencil {
    let terms: [(offset: Double, factor: Double)]
    /// `H d` but for terms of third order in d.
    static let thirdOrder = Stencil(terms: [(1, 0.5)])
    /// But for terms of fifth order.
    static let fifthOrder = Stencil(terms: [(1, 2.0 / 3), (2, -1.0 / 12)])
  }

  /// `H step` at the weights as they are, and stay. `step` may be empty for tensors.
  private func difference(
    along step: [[Double]], _ rows: LabelledRows, by training: Training, _ stencil: Stencil
  ) throws -> [[Double]] {
    let weights = current
    func move(_ offset: Double) {
      for (tensor, place) in tensors.enumerated() {
        guard let parameter = network.parameters.first(where: { $0.tensor == place }) else {
          continue
        }
        for i in step[tensor].indices {
          let weight = weights[tensor][i]
          parameter.values[i] = weight == 0 ? 0 : Float(Double(weight) + offset * step[tensor][i])
        }
      }
      training.prepare()
    }
    defer {
      move(0)
      training.holdsCorners = false
    }
    var sums = zeros(for: training)
    for start in stride(from: 0, to: rows.count, by: training.batch) {
      move(0)
      training.holdsCorners = false
      try add(rows, from: start, by: training, to: &sums) { _, _ in 0 }
      training.holdsCorners = true
      for (offset, factor) in stencil.terms {
        for sign in [1.0, -1] {
          move(sign * offset)
          try add(rows, from: start, by: training, to: &sums) { sign * factor * $0 * $1 }
        }
      }
    }
    return sums
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
