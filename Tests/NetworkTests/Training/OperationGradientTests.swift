import JSON
import Testing

@testable import Network

/// Gradients of the functions of functional arithmetic.
struct OperationGradientTests {
  private func trial(
    _ className: String, config: String = "{}", arguments: [Invocation.Bound]? = nil,
    _ keywords: [(name: String, value: Invocation.Bound)] = []
  ) -> GradientTrial {
    GradientTrial(
      trial: LayerTrial(
        className: className, config: config, module: "keras.src.ops.numpy", arguments: arguments,
        keywords: keywords))
  }

  /// Where functions have corners, the derivatives are those of Keras 3.15.1 on TensorFlow
  /// (GradientTape of Σ y·w with the weights that the trial has).
  private func gradients(
    _ className: String, config: String = "{}", arguments: [Invocation.Bound]? = nil,
    _ inputs: [[Float]]
  ) throws -> [[Float]] {
    let inputs: [LayerTrial.Array] = inputs.map { ([1, $0.count], $0) }
    let trial = trial(className, config: config, arguments: arguments)
    let given = try trial.gradients(inputs)
    let weights = GradientTrial.weights([1, inputs[0].shape[1]], output: 0)
    // By weight: what a unit of gradient is passed on as.
    return given.inputs.map { zip($0 ?? [], weights).map { $0 / $1 } }
  }

  @Test func corners() throws {
    let (a, b): ([Float], [Float]) = ([1, 2, -3, 2.5], [1, -2, 2, -1.5])
    let expected: [(name: String, a: [Float], b: [Float])] = [
      ("Maximum", [1, 1, 0, 1], [0, 0, 1, 0]), ("Minimum", [1, 0, 1, 0], [0, 1, 0, 1]),
      ("Mod", [1, 1, 1, 1], [-1, 1, 2, 2]), ("Fmod", [1, 1, 1, 1], [-1, 1, 1, 1]),
      ("FloorDivide", [0, 0, 0, 0], [0, 0, 0, 0]),
      ("Power", [1, -0.25, -6, -0.1517893], [0, 0.1732868, 0, 0.2318052]),
      ("Hypot", [1.4142135, 1.4142135, -0.8320503, 0.8574929], [0, 0, 0.5547002, -0.5144958]),
      (
        "Logaddexp", [1, 0.9820138, 0.00669285, 0.9820138], [0, 0.01798621, 0.9933071, 0.01798621]
      ),
    ]
    for (name, left, right) in expected {
      let given = try gradients(name, [a, b])
      #expect(agree(given[0], left) && agree(given[1], right), "\(name): \(given)")
    }
    #expect(try agree(gradients("Absolute", [[1, 0, -2]])[0], [1, 0, -1]))
    #expect(try agree(gradients("Relu6", [[0, 6, 3]])[0], [0, 0, 1]))
    let bounds = try gradients("Clip", config: #"{"x_min": 0, "x_max": 3}"#, [[1, 3, 0, -2, 4]])
    #expect(agree(bounds[0], [1, 1, 1, 0, 0]))
  }

  @Test func equalsShareTheLargest() throws {
    let largest = trial("Max", arguments: [.value(0), .constant(.integer(1))])
    let given = try largest.gradients([([2, 4], [1, 3, 3, -2, 0, 0, 1, 2])]).inputs[0] ?? []
    let weights = GradientTrial.weights([2], output: 0)
    #expect(
      agree(given, [0, weights[0] / 2, weights[0] / 2, 0, 0, 0, 0, weights[1]]))
  }

  /// By GradientTape of Keras 3.15.1, the weights being 1, 2, 3, 4: its threshold is not the paper's.
  @Test func sparsemax() {
    let x: [Float] = [0.1, 0.5, 0.4, -2]
    var (y, dx) = ([Float](repeating: 0, count: 4), [Float](repeating: 0, count: 4))
    Sparsemax.rows(x, &y, rows: 1, width: 4)
    Sparsemax.backpropagate(x, y: y, [1, 2, 3, 4], into: &dx, rows: 1, width: 4)
    #expect(agree(dx, [-0.6666667, 0, -1.3333334, 0]))
  }

  /// Numbers from 0.3 to 0.9, where all functions are smooth.
  private func between(_ shape: [Int], seed: Double = 0.25) -> LayerTrial.Array {
    let numbers = wave(shape, seed: seed)
    return (numbers.shape, numbers.values.map { 0.6 + 0.3 * $0 })
  }

  @Test(arguments: [
    "Add", "Subtract", "Multiply", "Divide", "DivideNoNan", "Power", "Maximum", "Minimum",
    "SquaredDifference", "Arctan2", "Hypot", "Logaddexp",
  ])
  func ofTwoNumbers(className: String) throws {
    let trial = trial(className)
    #expect(
      try trial.worst([between([2, 3, 2]), between([2, 1, 2], seed: 1.7)], step: 3e-3).share
        < 3e-3)
    #expect(
      try trial.worst([between([2, 1, 1]), between([2, 3, 2], seed: 1.7)], step: 3e-3).share
        < 3e-3)
  }

  @Test(arguments: [
    "Absolute", "Negative", "Square", "Sqrt", "Rsqrt", "Cbrt", "Reciprocal", "Exp", "Exp2", "Expm1",
    "Log", "Log2", "Log10", "Log1p", "Sin", "Cos", "Tan", "Arcsin", "Arccos", "Arctan", "Sinh",
    "Cosh", "Tanh", "Arcsinh", "Arctanh", "Erf", "Erfc", "Deg2rad", "Rad2deg", "Sigmoid", "Gelu",
    "Softplus",
  ])
  func ofOneNumber(className: String) throws {
    #expect(try trial(className).worst([between([2, 5])], step: 3e-3).share < 3e-3)
  }

  @Test(arguments: ["Sum", "Mean", "Max", "Min", "Prod", "Var", "Std", "Logsumexp"])
  func reductions(className: String) throws {
    let axes: [JSON.Value] = [.integer(1), .array([.integer(1), .integer(-1)])]
    for axis in axes {
      let trial = trial(className, arguments: [.value(0), .constant(axis)])
      #expect(try trial.worst([between([2, 3, 3])], step: 3e-3).share < 3e-3)
    }
  }

  @Test(arguments: [
    "Softmax", "LogSoftmax", "Sparsemax", "Normalize", "Cumsum", "Cumprod", "Sort",
  ])
  func alongRows(className: String) throws {
    let trial = trial(className, config: #"{"axis": 1}"#)
    #expect(try trial.worst([between([2, 3, 4])], step: 3e-3).share < 3e-3)
  }

  @Test func places() throws {
    let trials = [
      trial("Transpose", config: #"{"axes": [0, 2, 1]}"#),
      trial("Flip", config: #"{"axis": 1}"#),
      trial("Repeat", config: #"{"repeats": 2, "axis": 1}"#),
      trial("Tile", config: #"{"repeats": [1, 2, 3]}"#),
      trial("Roll", config: #"{"shift": 1, "axis": 1}"#),
      trial("Pad", config: #"{"pad_width": [[0, 0], [1, 2], [0, 1]], "mode": "reflect"}"#),
      trial("Pad", config: #"{"pad_width": [[0, 0], [1, 2], [0, 1]]}"#),
      trial(
        "Take", config: #"{"axis": 2}"#,
        arguments: [.value(0), .constant(.array([.integer(1), .integer(1), .integer(0)]))]),
      trial("Split", config: #"{"indices_or_sections": 3, "axis": 1}"#),
      trial("Glu", config: #"{"axis": 2}"#),
      trial("Clip", config: #"{"x_min": 0.5, "x_max": 0.8}"#),
    ]
    for trial in trials {
      let worst = try trial.worst([between([2, 3, 2])], step: 1e-3)
      #expect(worst.share < 3e-3, "\(trial.trial.className): \(worst)")
    }
  }

  @Test func severalTensors() throws {
    let inputs = [between([2, 3, 2]), between([2, 3, 2], seed: 1.5)]
    let both: [Invocation.Bound] = [.list([.value(0), .value(1)])]
    #expect(
      try trial("Concatenate", config: #"{"axis": 1}"#, arguments: both).worst(inputs).share < 3e-3)
    #expect(try trial("Stack", config: #"{"axis": 2}"#, arguments: both).worst(inputs).share < 3e-3)
    var chosen = trial("Where")
    chosen.fixed = [0]
    let condition: LayerTrial.Array = ([2, 3, 1], [1, 0, 1, 0, 0, 1])
    #expect(try chosen.worst([condition] + inputs).share < 3e-3)
  }

  @Test func products() throws {
    let (a, b) = (wave([2, 3, 4]), wave([2, 4, 2], seed: 0.5))
    #expect(try trial("Matmul").worst([a, b]).share < 3e-3)
    let array: JSON.Value = .array([
      .array([.double(1), .double(2)]), .array([.double(-1), .double(0.5)]),
    ])
    #expect(
      try trial("Matmul", arguments: [.value(0), .constant(array)]).worst([b]).share < 3e-3)
    #expect(
      try trial("Dot", arguments: [.value(0), .constant(array)]).worst([b]).share < 3e-3)
    for equation in ["abc,acd->abd", "abc,acd->adb", "abc,acd->ad", "abc,acd->abcd"] {
      let trial = trial("Einsum", config: #"{"subscripts": "\#(equation)"}"#)
      #expect(try trial.worst([a, b]).share < 3e-3)
    }
  }

  @Test func whatStopsGradients() throws {
    for name in ["StopGradient", "Sign", "Floor", "OnesLike"] {
      let gradients = try trial(name).gradients([wave([2, 3])])
      #expect(gradients.inputs[0] == [0, 0, 0, 0, 0, 0])
    }
    let gradients = try trial("Greater").gradients([wave([2, 1]), wave([2, 1], seed: 1)])
    #expect(gradients.inputs == [[0, 0], [0, 0]])
  }
}
