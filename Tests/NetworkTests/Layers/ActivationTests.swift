import JSON
import Keras
import Testing

@testable import Network

struct ActivationTests {
  static let x: [Float] = [-4, -1.5, -0.4, 0, 0.3, 1.2, 5]

  func values(_ activation: Activation, _ x: [Float] = Self.x) throws -> [Float] {
    var y = [Float](repeating: .nan, count: try activation.width(from: x.count))
    y.withUnsafeMutableBufferPointer { y in
      x.withUnsafeBufferPointer { x in
        guard let to = y.baseAddress, let from = x.baseAddress else { return }
        activation.apply(from, to, rows: 1, width: x.count)
      }
    }
    return y
  }

  func read(_ text: String, _ age: KerasAge = .three) throws -> Activation {
    try Activation(JSON.parse(text), age: age)
  }

  /// `keras.activations.NAME(x)` of Keras 3.15.
  @Test(
    arguments: [
      ("celu", [-0.9816844, -0.7768698, -0.32968, 0, 0.3, 1.2, 5]),
      ("elu", [-0.9816844, -0.7768698, -0.32968, 0, 0.3, 1.2, 5]),
      ("exponential", [0.01831564, 0.2231302, 0.67032, 1, 1.349859, 3.320117, 148.4132]),
      ("gelu", [-0.000126685, -0.1002108, -0.1378313, 0, 0.1853734, 1.061916, 4.999999]),
      ("hard_shrink", [-4, -1.5, 0, 0, 0, 1.2, 5]),
      ("hard_sigmoid", [0, 0.25, 0.4333333, 0.5, 0.55, 0.7, 1]),
      ("hard_silu", [0, -0.375, -0.1733333, 0, 0.165, 0.84, 5]),
      ("hard_swish", [0, -0.375, -0.1733333, 0, 0.165, 0.84, 5]),
      ("hard_tanh", [-1, -1, -0.4, 0, 0.3, 1, 1]),
      ("leaky_relu", [-0.8, -0.3, -0.08000001, 0, 0.3, 1.2, 5]),
      (
        "log_sigmoid",
        [-4.01815, -1.701413, -0.9130152, -0.6931472, -0.5543553, -0.2632824, -0.006715348]
      ),
      (
        "log_softmax",
        [-9.043392, -6.543392, -5.443392, -5.043392, -4.743392, -3.843392, -0.0433922]
      ),
      ("mish", [-0.07259174, -0.2980998, -0.1889165, 0, 0.2080014, 1.077946, 4.999552]),
      ("relu", [0, 0, 0, 0, 0.3, 1.2, 5]),
      ("relu6", [0, 0, 0, 0, 0.3, 1.2, 5]),
      ("selu", [-1.725899, -1.365814, -0.5796101, 0, 0.3152103, 1.260841, 5.253505]),
      ("sigmoid", [0.01798621, 0.1824255, 0.4013123, 0.5, 0.5744426, 0.7685248, 0.9933072]),
      ("silu", [-0.07194484, -0.2736383, -0.1605249, 0, 0.1723328, 0.9222298, 4.966536]),
      ("soft_shrink", [-3.5, -1, 0, 0, 0, 0.7, 4.5]),
      (
        "softmax",
        [0.0001181693, 0.001439597, 0.004324787, 0.006451825, 0.008709054, 0.02142081, 0.9575357]
      ),
      ("softplus", [0.01814993, 0.2014133, 0.5130153, 0.6931472, 0.8543553, 1.463282, 5.006715]),
      ("softsign", [-0.8, -0.6, -0.2857143, 0, 0.2307692, 0.5454546, 0.8333333]),
      ("sparse_plus", [0, 0, 0.09, 0.25, 0.4225, 1.2, 5]),
      ("sparse_sigmoid", [0, 0, 0.3, 0.5, 0.65, 1, 1]),
      ("sparsemax", [0, 0, 0, 0, 0, 0, 1]),
      ("squareplus", [0.236068, 0.5, 0.8198039, 1, 1.161187, 1.76619, 5.192582]),
      ("swish", [-0.07194484, -0.2736383, -0.1605249, 0, 0.1723328, 0.9222298, 4.966536]),
      ("tanh", [-0.9993293, -0.9051483, -0.379949, 0, 0.2913126, 0.8336547, 0.9999092]),
      ("tanh_shrink", [-3.000671, -0.5948517, -0.02005103, 0, 0.008687377, 0.3663453, 4.000091]),
    ] as [(String, [Float])])
  func namesOfKeras3(name: String, expected: [Float]) throws {
    let found = try values(try read("\"\(name)\""))
    #expect(agree(found, expected))
  }

  @Test func hardSigmoidHasTwoSlopes() throws {
    let expected: [Float] = [0, 0.2, 0.42, 0.5, 0.56, 0.74, 1]
    for age in [KerasAge.one, .two] {
      #expect(agree(try values(try read("\"hard_sigmoid\"", age)), expected))
    }
  }

  /// `keras.layers.ReLU(max_value=1, negative_slope=0.1, threshold=0.3)(x)`
  @Test func objectsWithSettings() throws {
    let relu = try read(
      """
      {"class_name": "ReLU", "module": "keras.layers", "registered_name": null,
       "config": {"max_value": 1.0, "negative_slope": 0.1, "threshold": 0.3}}
      """)
    // At the threshold itself a number is not above it.
    #expect(agree(try values(relu), [-0.43, -0.18, -0.07, -0.03, 0, 1, 1]))
    let leaky = try read(
      "{\"class_name\": \"LeakyReLU\", \"config\": {\"alpha\": 0.5}}", .two)
    #expect(agree(try values(leaky), [-2, -0.75, -0.2, 0, 0.3, 1.2, 5]))
    #expect(
      try read("\"LeakyReLU\"", .two)
        == Activation(layer: "LeakyReLU", .init("", .init(), age: .two)))
    let function = try read("{\"class_name\": \"function\", \"config\": \"selu\"}")
    #expect(try function == read("\"selu\""))
    let layer = try read("{\"class_name\": \"Activation\", \"config\": {\"activation\": \"tanh\"}}")
    #expect(try layer == read("\"tanh\""))
    #expect(try read("null") == .linear)
    #expect(try read("\"softmax_v2\"", .two) == read("\"softmax\""))
  }

  @Test func gluHalvesTheLastDimension() throws {
    let glu = try read("\"glu\"")
    #expect(try glu.width(from: 6) == 3)
    #expect(throws: LayerFault.self) { try glu.width(from: 5) }
    #expect(agree(try values(glu, [1, 2, 0, 100]), [0.5, 2]))
  }

  /// A row by itself gives what it gives among others, and where it is.
  @Test func rowsAreTakenOneByOne() throws {
    for name in ["softmax", "sparsemax", "log_softmax", "glu", "relu", "mish"] {
      let activation = try read("\"\(name)\"")
      let x = wave([3, 6]).values
      var y = x
      let width = try activation.width(from: 6)
      y.withUnsafeMutableBufferPointer { y in
        guard let base = y.baseAddress else { return }
        activation.apply(base, base, rows: 3, width: 6)
      }
      for row in 0..<3 {
        let alone = try values(activation, Array(x[row * 6..<row * 6 + 6]))
        #expect(Array(y[row * width..<(row + 1) * width]) == alone, "\(name)")
      }
    }
  }

  @Test(arguments: [
    "\"nothing\"", "\"me>relu\"", "3", "[]", "{}",
    "{\"class_name\": \"function\", \"config\": \"me>relu\", \"registered_name\": \"function\"}",
    "{\"class_name\": \"__lambda__\", \"config\": {\"value\": \"4wE\"}}",
    "{\"class_name\": \"PReLU\", \"config\": {}}",
    "{\"class_name\": \"ReLU\", \"config\": {}, \"registered_name\": \"me>ReLU\"}",
    "{\"class_name\": \"Softmax\", \"config\": {\"axis\": 1}}",
    "{\"class_name\": \"LeakyReLU\", \"config\": {\"negative_slope\": \"x\"}}",
  ])
  func strangersAreRefused(text: String) throws {
    #expect(throws: LayerFault.self) { try read(text) }
  }
}
