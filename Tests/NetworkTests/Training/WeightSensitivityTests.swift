import Parallel
import Testing

@testable import Keras
@testable import Network

/// What single weights do to a loss, beside numbers that were worked out by hand.
struct WeightSensitivityTests {
  private func near(_ found: [Double], _ expected: [Double], _ tolerance: Double = 1e-5) -> Bool {
    found.count == expected.count
      && zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
  }

  /// A model of the layers, its variables one after another as `weights`.
  private func network(_ layers: [(String, String)], inputs: Int, _ weights: [[Float]]) throws
    -> Network
  {
    let network = try ModelTrial(layers: layers.map { (className: $0.0, config: $0.1) })
      .network(shape: [inputs])
    for (parameter, values) in zip(network.parameters, weights) {
      for (i, value) in values.enumerated() { parameter.values[i] = value }
    }
    network.refresh()
    return network
  }

  private func rows(_ x: [[Float]], classes: [Int32]) -> LabelledRows {
    let rows = LabelledRows(
      count: x.count, widths: [x[0].count], targets: [.init(.classes, width: 1)])
    for (i, value) in x.joined().enumerated() { rows.inputs[0][i] = value }
    for (i, value) in classes.enumerated() { rows.classes[0]?[i] = value }
    return rows
  }

  private func rows(_ x: [[Float]], values: [Float]) -> LabelledRows {
    let rows = LabelledRows(
      count: x.count, widths: [x[0].count],
      targets: [.init(.values, width: values.count / x.count)])
    for (i, value) in x.joined().enumerated() { rows.inputs[0][i] = value }
    for (i, value) in values.enumerated() { rows.values[0]?[i] = value }
    return rows
  }

  /// W = [[0.5, -0.2], [0, 0.1]], rows = outputs, as Keras stores it.
  private func softmax() throws -> WeightSensitivity {
    let network = try network(
      [("Dense", #"{"name": "d", "units": 2, "activation": "softmax", "use_bias": false}"#)],
      inputs: 2, [[0.5, 0, -0.2, 0.1]])
    return WeightSensitivity(network, of: Model(), tensors: [0], forms: [.classes])
  }

  private let p = [0.47502081, 0.52497919]

  @Test func gradientsOfASoftmax() throws {
    let sensitivity = try softmax()
    // g = (p − y)·x, by input and output.
    let one = try sensitivity.gradient(rows([[1, 2]], classes: [0]))
    #expect(near(one[0], [p[0] - 1, p[1], 2 * (p[0] - 1), 2 * p[1]]))
    // The mean gradient of two samples that pull apart; and the mean of squares, which do not.
    let two = rows([[1, 2], [1, 2]], classes: [0, 1])
    let middle = p[0] - 0.5
    #expect(
      near(
        try sensitivity.gradient(two)[0], [middle, -middle, 2 * middle, -2 * middle]))
    let square = (p[1] * p[1] + p[0] * p[0]) / 2
    #expect(
      near(
        try sensitivity.squaredGradient(two)[0], [square, square, 4 * square, 4 * square]))
  }

  @Test func weightsOfRowsCount() throws {
    let sensitivity = try softmax()
    let two = rows([[1, 2], [1, 2]], classes: [0, 1])
    two.weights[1] = 0
    #expect(near(try sensitivity.gradient(two)[0], [(p[0] - 1) / 2, p[1] / 2, p[0] - 1, p[1]]))
    #expect(near(Array(try sensitivity.squaredGradient(two)[0].prefix(1)), [p[1] * p[1] / 2]))
  }

  @Test func gaussNewtonOfASoftmax() throws {
    // p_i·(1 − p_i)·x_j², whatever the label.
    let sensitivity = try softmax()
    for label: Int32 in [0, 1] {
      let found = try sensitivity.gaussNewton(rows([[1, 2]], classes: [label]))
      #expect(near(found[0], [0.24937604, 0.24937604, 0.99750416, 0.99750416]))
    }
  }

  /// The mean of (w·x)² over rows of which 2/n·Σ x·xᵀ is [[2, 1], [1, 3]], at w = [1, -1].
  private func quadratic() throws -> (WeightSensitivity, LabelledRows) {
    let network = try network(
      [("Dense", #"{"name": "d", "units": 1, "use_bias": false}"#)], inputs: 2, [[1, -1]])
    return (
      WeightSensitivity(network, of: Model(), tensors: [0], forms: [.values]),
      rows(
        [[Float(2).squareRoot(), Float(0.5).squareRoot()], [0, Float(2.5).squareRoot()]],
        values: [0, 0])
    )
  }

  @Test func hessianOfAQuadraticForm() throws {
    let (sensitivity, rows) = try quadratic()
    #expect(near(try sensitivity.gradient(rows)[0], [1, -2]))
    #expect(near(try sensitivity.hessianGradient(rows)[0], [0, -5], 1e-3))
    #expect(near(try sensitivity.gaussNewton(rows)[0], [2, 3]))
    // Signs v give v₁·(Hv)₁ = 2 + v₁v₂ and v₂·(Hv)₂ = 3 + v₁v₂.
    let found = try sensitivity.hessianDiagonal(rows, draws: 64, seed: 1)[0]
    #expect(near([found[1] - found[0]], [1], 1e-2) && abs(found[0] - 2) < 0.5)
    #expect(try sensitivity.hessianDiagonal(rows, draws: 64, seed: 2)[0] != found)
    // The weights are as they were.
    #expect(near(try sensitivity.gradient(rows)[0], [1, -2]))
    // A weight that is pruned has no part in the way of the gradient.
    sensitivity.network.parameters[0].values[1] = 0
    #expect(near(try sensitivity.gradient(rows)[0], [2, 1]))
    #expect(near(try sensitivity.hessianGradient(rows)[0], [4, 2], 1e-3))
  }

  @Test func gaussNewtonOfALossWithoutOneIsRefused() throws {
    let (sensitivity, rows) = try quadratic()
    var options = Training.Options()
    options.loss = "mae"
    let other = WeightSensitivity(
      sensitivity.network, of: Model(), tensors: [0], forms: [.values], options: options)
    #expect(throws: NetworkError.self) { try other.gaussNewton(rows) }
  }

  @Test func sumsDoNotDependOnThreads() throws {
    let network = try network(
      [
        ("Dense", #"{"name": "a", "units": 9, "activation": "tanh"}"#),
        ("Dense", #"{"name": "b", "units": 3, "activation": "softmax"}"#),
      ], inputs: 5, [])
    let x = (0..<100).map { row in wave([5], seed: Double(row)).values }
    let rows = rows(x, classes: (0..<100).map { Int32($0 % 3) })
    var all: [[[Double]]] = []
    defer { Parallel.threads = 0 }
    for threads in [1, 3] {
      Parallel.threads = threads
      let sensitivity = WeightSensitivity(
        network, of: Model(), tensors: [0, 2], forms: [.classes])
      all.append(
        try sensitivity.gradient(rows) + sensitivity.squaredGradient(rows)
          + sensitivity.gaussNewton(rows))
    }
    #expect(all[0] == all[1] && all[0].allSatisfy { !$0.isEmpty && $0.contains { $0 != 0 } })
  }

  // MARK: Flow

  /// W1 = [[1, -2], [0.5, 1]], W2 = [[3, -1]]: R = 10.5; biases and activations have no part.
  private func flowing(_ factor: Float = 1) throws -> SynapticFlow {
    let network = try network(
      [
        ("Dense", #"{"name": "a", "units": 2, "activation": "sigmoid"}"#),
        ("Dropout", #"{"name": "r", "trainable": true, "rate": 0.5}"#),
        ("Dense", #"{"name": "b", "units": 1, "activation": "tanh"}"#),
      ], inputs: 2,
      [[1, 0.5, -2, 1].map { $0 * factor }, [7, -7], [3, -1].map { $0 * factor }, [5]])
    return try SynapticFlow(network, tensors: [0, 2])
  }

  @Test func flowThroughTwoLayers() throws {
    let flow = try flowing()
    let found = try flow.flow()
    #expect(near(found[0], [3, 1, 3, 1]) && near(found[1], [3, 1.5]))
    let weights = flow.network.parameters
    #expect(weights[0].values[2] == -2 && weights[1].values[0] == 7)
  }

  @Test func flowOutsideTheRangeOfFloats() throws {
    // R is 10.5·10^±50: every score in the same proportion all the same.
    for factor: Float in [1e25, 1e-25] {
      let flow = try flowing(factor)
      let found = try flow.flow()
      let scores = zip(found, [0, 2]).map { numbers, place in
        numbers.enumerated().map {
          $0.element * Double(abs(flow.network.parameters[place].values[$0.offset]))
        }
      }
      let unit = scores[1][0] / 9
      #expect(near(scores[0].map { $0 / unit }, [3, 0.5, 6, 1]))
      #expect(near(scores[1].map { $0 / unit }, [9, 1.5]))
    }
  }

  @Test func flowStopsAtALayerThatIsNotLinear() throws {
    let network = try ModelTrial(
      layers: [(className: "LSTM", config: #"{"name": "l", "units": 2}"#)]
    ).network(shape: [3, 2])
    #expect(throws: NetworkError.untrainable(path: "trial", layer: "l", className: "LSTM")) {
      try SynapticFlow(network, tensors: [0])
    }
  }
}
