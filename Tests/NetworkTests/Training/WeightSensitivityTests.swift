import Documents
import Files
import JSON
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

  /// A ReLU of 3 units before a softmax of 2; the second unit of the first row is 0.0005 above its
  /// corner.
  private func cornered(logits: Bool) throws -> (WeightSensitivity, LabelledRows) {
    let last = logits ? "linear" : "softmax"
    let network = try network(
      [
        ("Dense", #"{"name": "a", "units": 3, "activation": "relu"}"#),
        ("Dense", #"{"name": "b", "units": 2, "activation": "\#(last)"}"#),
      ], inputs: 2,
      [
        [0.5, -0.4, 0.3, 0.2, 0.6, -0.7], [0.15, -0.7995, 0.02], [0.8, -0.3, -0.6, 0.4, 0.5, 0.9],
        [0, 0.1],
      ])
    var options = Training.Options()
    if logits {
      options.loss =
        #"{"class_name": "SparseCategoricalCrossentropy", "config": {"from_logits": true}}"#
    }
    return (
      WeightSensitivity(
        network, of: Model(), tensors: [0, 2], forms: [.classes], options: options),
      rows([[1, 2], [-0.5, 0.3], [0.2, -1], [0.9, 0.1]], classes: [0, 1, 1, 0])
    )
  }

  /// By TensorFlow's tapes, one in the other, in float64.
  private static let hessianGradients: [(temperature: Double?, first: [Double], second: [Double])] = [
    (
      1,
      [-0.0511429522, 0.0631854225, -0.0029492694, -0.1061283099, 0.1263708449, -0.0039826378],
      [0.0061740735, -0.0061740735, -0.0208912402, 0.0208912402, 0.006204105, -0.006204105]
    ),
    // The temperature that is taken where none is given.
    (
      nil,
      [
        2.1201096603e-06, 1.7889379315e-08, -3.0449714599e-07, 3.8635943630e-06, 3.5778758630e-08,
        -4.7864129764e-07,
      ],
      [
        5.3284965946e-06, -5.3284965946e-06, -1.9428494965e-06, 1.9428494965e-06, -2.6275504362e-07,
        2.6275504362e-07,
      ]
    ),
  ]

  @Test(arguments: [false, true]) func hessianGradientAcrossACorner(logits: Bool) throws {
    let (sensitivity, rows) = try cornered(logits: logits)
    for expected in Self.hessianGradients {
      let found = try sensitivity.hessianGradient(rows, temperature: expected.temperature)
      let largest = (expected.first + expected.second).reduce(0) { max($0, abs($1)) }
      for (tensor, numbers) in [expected.first, expected.second].enumerated() {
        #expect(found[tensor].count == numbers.count)
        for (a, b) in zip(found[tensor], numbers) {
          #expect(abs(a - b) < 1e-4 * largest, "\(found[tensor])")
        }
      }
    }
    // The same to the bit when it is asked for again: nothing is left of another temperature.
    let again = try sensitivity.hessianGradient(rows, temperature: 1)
    #expect(try sensitivity.hessianGradient(rows, temperature: 1) == again)
  }

  @Test func aLossThatBendsSharply() throws {
    // log(1 + e^u), u = w·x: of weights whose gradient is in one small one alone. g = p·x and
    // Hg = p(1 − p)·x·(x·g), p = σ(u). A share of the norm of the weights is far too long a way.
    let network = try network(
      [("Dense", #"{"name": "d", "units": 1, "activation": "sigmoid", "use_bias": false}"#)],
      inputs: 2, [[0.02, 10]])
    var options = Training.Options()
    options.loss = "binary_crossentropy"
    let sensitivity = WeightSensitivity(
      network, of: Model(), tensors: [0], forms: [.values], options: options)
    let p = 0.8807970779778823
    let found = try sensitivity.hessianGradient(rows([[100, 0]], values: [0]), temperature: 1)[0]
    #expect(near(found, [p * (1 - p) * p * 1e6, 0], 1e-3), "\(found)")
  }

  @Test func maximaOfWindowsAreHeld() throws {
    // Two positions of a convolution that are 0.001 apart, and change places on the way.
    func network(_ pool: (String, String)) throws -> WeightSensitivity {
      let network = try ModelTrial(layers: [
        (
          className: "Conv1D",
          config: #"{"name": "c", "filters": 1, "kernel_size": 1, "use_bias": false}"#
        ),
        (className: pool.0, config: pool.1),
        (className: "Flatten", config: #"{"name": "f"}"#),
        (
          className: "Dense",
          config: #"{"name": "d", "units": 1, "use_bias": false}"#
        ),
      ]).network(shape: [2, 2])
      for (parameter, values) in zip(network.parameters, [[1, -1], [2]] as [[Float]]) {
        for (i, value) in values.enumerated() { parameter.values[i] = value }
      }
      network.refresh()
      return WeightSensitivity(network, of: Model(), tensors: [0, 1], forms: [.values])
    }
    // y = v·(w·x) with x = [1, 0.5], which gives 0.5 against the 0.499 of [0, -0.499]; L = y².
    let rows = LabelledRows(count: 1, widths: [4], targets: [.init(.values, width: 1)])
    for (i, value) in ([1, 0.5, 0, -0.499] as [Float]).enumerated() { rows.inputs[0][i] = value }
    rows.values[0]?[0] = 0
    // u = w·x = 0.5, v = 2: g = [2v²u·x, 2vu²] = [4, 2, 1]; H = [[2v²xxᵀ, 4vu·x], [., 2u²]], so that
    // Hg = [(8·5 + 4)·x, 4·5 + 0.5].
    let expected: [[Double]] = [[44, 22], [20.5]]
    for pool in [
      ("MaxPooling1D", #"{"name": "m", "pool_size": 2}"#),
      ("GlobalMaxPooling1D", #"{"name": "m"}"#),
    ] {
      let found = try network(pool).hessianGradient(rows)
      #expect(near(found[0], expected[0], 1e-4) && near(found[1], expected[1], 1e-4), "\(found)")
    }
  }

  @Test func temperaturesNeedLogits() throws {
    let (sensitivity, rows) = try quadratic()
    #expect(near(try sensitivity.hessianGradient(rows, temperature: 1)[0], [0, -5], 1e-3))
    #expect {
      try sensitivity.hessianGradient(rows, temperature: 2)
    } throws: { error in
      (error as? NetworkError)?.fault == .unsupported && "\(error)".contains("logits")
    }
  }

  @Test func squaresOfMiniBatches() throws {
    // 64 rows of one class, 64 of the other: each mini-batch pulls its way, and both count.
    let sensitivity = try softmax()
    let rows = rows(
      [[Float]](repeating: [1, 2], count: 128), classes: (0..<128).map { $0 < 64 ? 0 : 1 })
    let square = (p[1] * p[1] + p[0] * p[0]) / 2
    #expect(
      near(
        try sensitivity.batchSquaredGradient(rows)[0], [square, square, 4 * square, 4 * square]))
    let middle = p[0] - 0.5
    #expect(near(try sensitivity.gradient(rows)[0], [middle, -middle, 2 * middle, -2 * middle]))
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
    // Times a number that is the same for all.
    let unit = found[0][1]
    #expect(unit > 0)
    #expect(near(found[0].map { $0 / unit }, [3, 1, 3, 1]))
    #expect(near(found[1].map { $0 / unit }, [3, 1.5]))
    let weights = flow.network.parameters
    #expect(weights[0].values[2] == -2 && weights[1].values[0] == 7)
  }

  @Test func flowPassesWhatDoesSomethingInTrainingAlone() throws {
    let network = try ModelTrial(layers: [
      (className: "RandomFlip", config: #"{"name": "f"}"#),
      (className: "ActivityRegularization", config: #"{"name": "p", "l1": 1, "l2": 0}"#),
      (className: "Flatten", config: #"{"name": "l"}"#),
      (className: "Dense", config: #"{"name": "d", "units": 1, "use_bias": false}"#),
    ]).network(shape: [1, 2, 1])
    // The outputs' sum is Σ|w|: the same by each of them.
    let found = try SynapticFlow(network, tensors: [0]).flow()[0]
    #expect(found.count == 2 && found[0] > 0 && found[0] == found[1])
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

  @Test(arguments: [Float(1e3), 1e-3]) func flowThroughManyLayers(factor: Float) throws {
    // 60 layers of 2 × 2, every weight `factor` times 1 or 2: R is about 10^(±180). In a chain every
    // layer's scores have the same sum, and each weight its share of it.
    let layers = (0..<60).map {
      ("Dense", #"{"name": "d\#($0)", "units": 2, "activation": "relu", "use_bias": false}"#)
    }
    let network = try network(
      layers, inputs: 2, [[Float]](repeating: [1, -1, 2, -2].map { $0 * factor }, count: 60))
    let found = try SynapticFlow(network, tensors: Array(0..<60)).flow()
    let scores = found.enumerated().map { place, numbers in
      numbers.enumerated().map {
        $0.element * Double(abs(network.parameters[place].values[$0.offset]))
      }
    }
    // By hand: what enters a layer is [x, x]; of its outputs the second counts twice as much as the
    // first behind it, but at the end.
    let sum = scores[0].reduce(0, +)
    for (place, layer) in scores.enumerated() {
      let expected = place < 59 ? [1, 2, 2, 4].map { $0 / 9.0 } : [1, 1, 2, 2].map { $0 / 6.0 }
      #expect(near(layer.map { $0 / sum }, expected, 1e-4), "\(place): \(layer)")
    }
  }

  /// x → a, x + a → b: one number, two kernels, a skip connection.
  private func skipping(_ weights: [Float]) -> Model {
    func layer(_ name: String, _ className: String, from: [Name]) -> LayerGraph.Layer {
      let inputs = from.map {
        LayerGraph.Argument.tensor(.init(layer: $0, call: 0, output: 0))
      }
      return LayerGraph.Layer(
        name: name, isNamed: true, className: className, module: "keras.layers", registeredName: nil,
        config: JSON.Object([("units", .integer(1)), ("use_bias", .bool(false))]),
        calls: [.init(inputs.count > 1 ? [.list(inputs)] : inputs)], content: .plain)
    }
    let input = LayerGraph.Layer(
      name: "x", isNamed: true, className: "InputLayer", module: nil, registeredName: nil,
      config: JSON.Object([("batch_shape", .array([.null, 1]))]), calls: [], content: .plain)
    var model = Model()
    model.age = .three
    model.graph = LayerGraph(
      className: "Functional", name: "m",
      layers: [
        input, layer("a", "Dense", from: ["x"]), layer("s", "Add", from: ["x", "a"]),
        layer("b", "Dense", from: ["s"]),
      ],
      inputs: .tensor(.init(layer: "x", call: 0, output: 0)),
      outputs: .tensor(.init(layer: "b", call: 0, output: 0)), isSequential: false,
      isTrainable: true)
    for (place, name) in ["a", "b"].enumerated() {
      model.tensors.append(
        ModelTensor(
          name: "\(name)/kernel", path: name, part: 0, object: place, layer: name,
          layerClass: "Dense", role: .kernel, shape: [1, 1], type: .float32, typeName: "float32",
          source: MemoryBytes(withUnsafeBytes(of: weights[place]) { Array($0) }), count: 1))
      model.variables.append(
        Variable(
          layer: name, inside: nil, owner: "Dense", name: "kernel", role: .kernel, tensor: place,
          isTrainable: true))
    }
    return model
  }

  @Test(arguments: [[4, 0.5], [1e20, 1e-30], [0.25, 3e30]] as [[Float]])
  func flowsThatAreAddedUpAreAtOneScale(weights: [Float]) throws {
    let network = try Network(skipping(weights), path: "trial")
    let found = try SynapticFlow(network, tensors: [0, 1]).flow()
    // S1 = |W1·W2|, S2 = |W2|·(1 + |W1|).
    let first = Double(weights[0])
    let ratio = found[0][0] * first / (found[1][0] * Double(weights[1]))
    #expect(near([ratio], [first / (1 + first)], 1e-5))
  }

  @Test func flowStopsAtALayerThatIsNotLinear() throws {
    let network = try ModelTrial(
      layers: [(className: "LSTM", config: #"{"name": "l", "units": 2}"#)]
    ).network(shape: [3, 2])
    #expect(throws: NetworkError.noFlow(path: "trial", layer: "l", className: "LSTM")) {
      try SynapticFlow(network, tensors: [0])
    }
  }
}
