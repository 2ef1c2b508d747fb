import Keras
import Testing

@testable import Network

/// Expected numbers are by `GradientTape` of Keras 3.15.1 on TensorFlow: of the sum of all outputs, each
/// times `wave` from 100 plus its index on. Inputs are `wave`; variable `i` (kernel, recurrent kernel,
/// bias) is `wave` from `i + 1` on.
struct RecurrentGradientTests {
  private let x = wave([2, 3, 2])
  private let mask: LayerTrial.Array = ([2, 3], [0, 1, 0, 1, 0, 1])

  private func trial(_ className: String, _ config: String, gates: Int, bias: [Int]? = nil)
    -> LayerTrial
  {
    LayerTrial(
      className: className, config: config,
      variables: [
        "kernel": wave([2, 2 * gates], seed: 1), "recurrent_kernel": wave([2, 2 * gates], seed: 2),
        "bias": wave(bias ?? [2 * gates], seed: 3),
      ])
  }

  /// Compares with numbers of Keras, each within 1e-5 of the largest of its tensor.
  private func check(
    _ layer: LayerTrial, _ inputs: [LayerTrial.Array], _ expected: [String: [Float]],
    location: SourceLocation = #_sourceLocation
  ) throws {
    let gradients = try GradientTrial(trial: layer).gradients(inputs)
    var all = gradients.variables
    for (index, input) in gradients.inputs.enumerated() { all["input \(index)"] = input }
    #expect(Set(all.keys) == Set(expected.keys), sourceLocation: location)
    for (name, values) in expected {
      let own = all[name] ?? []
      let most = values.map(abs).max() ?? 0
      let isClose =
        own.count == values.count && zip(own, values).allSatisfy { abs($0 - $1) <= 1e-5 * most }
      #expect(isClose, "\(name): \(own)", sourceLocation: location)
    }
  }

  /// Gradients go past masked steps, and come from the sequence and from both states.
  @Test func maskedLSTM() throws {
    var layer = trial(
      "LSTM", #"{"units": 2, "return_sequences": true, "return_state": true}"#, gates: 4)
    layer.masks = [mask]
    try check(
      layer, [x],
      [
        "input 0": [
          0, 0, -1.163967, 0.6355716, 0, 0, -0.04453398, 0.02067309, 0, 0, 0.0483357,
          -0.2429184,
        ],
        "kernel": [
          -0.03956109, 0.2339564, 0.007259599, 0.03310581, 1.192099, 0.4312181,
          -0.05309725, 0.07160736, 0.004391266, 0.06889087, 0.0133442, 0.06085331,
          0.2058988, 0.4085778, -0.05888527, 0.0872,
        ],
        "recurrent_kernel": [
          -0.004908398, -0.02897795, -0.003733164, -0.01702427, -0.007736765,
          -0.1074699, 0.01598969, -0.01648326, -0.0008808092, -0.005200075,
          -0.0006699141, -0.003054996, -0.001388358, -0.0192854, 0.002869341,
          -0.002957911,
        ],
        "bias": [
          -0.08187712, -0.0244669, -0.01334433, -0.0608539, 1.258539, -0.1585412,
          0.03610244, 0.02590965,
        ],
      ])
  }

  @Test func backwardsGRU() throws {
    try check(
      trial("GRU", #"{"units": 2, "go_backwards": true}"#, gates: 3, bias: [2, 6]), [x],
      [
        "input 0": [
          -0.02179517, -0.04919834, -0.004100623, -0.0103902, 0.09630981, 0.07591567,
          -0.1460905, -0.2008991, 0.01412853, -0.01031946, -0.2098304, -0.176042,
        ],
        "kernel": [
          0.0414771, 0.04319223, 4.193564e-05, -0.001927605, -0.03364395, 0.05571985,
          0.1105411, 0.05229348, -0.0008918671, 0.03190053, 0.02935698, 0.285414,
        ],
        "recurrent_kernel": [
          0.01191407, 0.04397846, -0.0003276279, 0.03138923, 0.002735297, 0.01982771,
          0.01934299, 0.06099297, -0.0004640733, 0.04206619, 0.003791078, 0.02654497,
        ],
        "bias": [
          -0.07232843, 0.05656668, -0.00014604, 0.05593063, 0.08653988, 0.4889413,
          -0.07232843, 0.05656668, -0.00014604, 0.05593063, 0.006297306, 0.04009087,
        ],
      ])
  }

  /// The initial state has a gradient too.
  @Test func resetBeforeTheProductFromAState() throws {
    var layer = trial(
      "GRU", #"{"units": 2, "reset_after": false, "return_sequences": true}"#, gates: 3)
    layer.arguments = [.value(0)]
    layer.keywords = [("initial_state", .list([.value(1)]))]
    try check(
      layer, [x, wave([2, 2], seed: 7)],
      [
        "input 0": [
          0.008487767, -0.04210488, -0.01384782, -0.05469459, 0.08283176, 0.09561834,
          -0.3261363, -0.4224638, -0.08007047, -0.1540161, 0.08370215, 0.1076371,
        ],
        "input 1": [
          0.3660473, 0.6239622, 0.126708, 0.2443348,
        ],
        "kernel": [
          0.1410111, -0.01829903, 0.008934466, 0.01011471, 0.1248518, 0.3035111,
          0.03720464, -0.1550886, 0.02773254, 0.004906188, 0.124267, 0.631788,
        ],
        "recurrent_kernel": [
          0.1224962, -0.01251526, 0.01832643, -0.00346463, 0.02616489, 0.08547452,
          0.1345613, 0.2390619, 0.005833751, 0.008394223, -0.01027943, -0.07732611,
        ],
        "bias": [
          0.2602415, -0.07498526, 0.03596637, -0.01228111, 0.2369864, 0.6547688,
        ],
      ])
  }

  /// What becomes zero has no gradient; and softplus's cannot be told from its result.
  @Test func zeroedRNN() throws {
    var layer = trial(
      "SimpleRNN",
      #"{"units": 2, "activation": "softplus", "return_sequences": true, "zero_output_for_mask": true}"#,
      gates: 1)
    layer.masks = [mask]
    try check(
      layer, [x],
      [
        "input 0": [
          0, 0, 0.8776603, -0.1308435, 0, 0, -0.2505942, -0.1240251, 0, 0, -0.2994056,
          0.2303872,
        ],
        "kernel": [
          0.7705583, 0.4207146, -0.136765, 0.410982,
        ],
        "recurrent_kernel": [
          -0.01547689, -0.2136994, -0.00446857, -0.06170043,
        ],
        "bias": [
          0.2949934, 0.08735547,
        ],
      ])
  }

  @Test func productsThatAreConvolutions() throws {
    let layer = LayerTrial(
      className: "ConvLSTM1D",
      config:
        #"{"filters": 1, "kernel_size": [2], "padding": "same", "recurrent_activation": "hard_sigmoid"}"#,
      variables: [
        "kernel": wave([2, 1, 4], seed: 1), "recurrent_kernel": wave([2, 1, 4], seed: 2),
        "bias": wave([4], seed: 3),
      ])
    try check(
      layer, [wave([1, 2, 3, 1])],
      [
        "input 0": [
          5.137501e-05, -0.01396913, 0.006810813, -0.02218116, 0.03240496, -0.04585382,
        ],
        "kernel": [
          0.06879807, 0.03890356, -0.03792854, 0.09796032, 0.008721733, 0.000366305,
          0.006590387, 0.001125043,
        ],
        "recurrent_kernel": [
          0.008936436, 0.005287958, -0.01061224, 0.006485779, 0.001922268, 0.0001988635,
          -0.000227571, 0.002679854,
        ],
        "bias": [
          -0.07811563, -0.03795809, 0.1093988, -0.04547843,
        ],
      ])
  }

  // MARK: Layouts

  /// Keras 1: a variable for every gate, some of them frozen.
  @Test(arguments: [("LSTM", "ifco"), ("GRU", "zrh")])
  func variablesOfEachGate(className: String, gates: String) throws {
    var layer = LayerTrial(
      className: className, config: #"{"output_dim": 2, "inner_activation": "sigmoid"}"#,
      age: .one)
    for (i, gate) in gates.enumerated() {
      layer.variables["kernel_\(gate)"] = wave([2, 2], seed: Double(i) + 1)
      layer.variables["recurrent_kernel_\(gate)"] = wave([2, 2], seed: Double(i) + 11)
      layer.variables["bias_\(gate)"] = wave([2], seed: Double(i) + 21)
    }
    let last = String(gates.suffix(1))
    let trial = GradientTrial(
      trial: layer, frozen: ["kernel_\(last)", "recurrent_kernel_\(last)", "bias_\(last)"])
    let worst = try trial.worst([x])
    #expect(worst.share < 2e-3, "\(worst.at)")
    #expect(try trial.gradients([x]).variables.count == 3 * (gates.count - 1))
  }

  /// NVIDIA's library: transposed matrices, and biases of the input and of the state.
  @Test(arguments: [("CuDNNLSTM", 4), ("CuDNNGRU", 3)])
  func transposedGates(className: String, gates: Int) throws {
    var layer = trial(className, #"{"units": 2}"#, gates: gates, bias: [4 * gates])
    layer.age = .two
    layer.variables["kernel"] = wave([3, 2 * gates], seed: 1)
    let worst = try GradientTrial(trial: layer).worst([wave([2, 3, 3])])
    #expect(worst.share < 2e-3, "\(worst.at)")
  }

  @Test func convolutionsOfEachGate() throws {
    var layer = LayerTrial(
      className: "ConvLSTM2D",
      config:
        #"{"nb_filter": 1, "nb_row": 2, "nb_col": 2, "dim_ordering": "tf", "border_mode": "same", "inner_activation": "sigmoid"}"#,
      age: .one)
    for (i, gate) in "ifco".enumerated() {
      layer.variables["kernel_\(gate)"] = wave([2, 2, 2, 1], seed: Double(i) + 1)
      layer.variables["recurrent_kernel_\(gate)"] = wave([2, 2, 1, 1], seed: Double(i) + 11)
      layer.variables["bias_\(gate)"] = wave([1], seed: Double(i) + 21)
    }
    let worst = try GradientTrial(trial: layer).worst([wave([1, 2, 2, 3, 2])])
    #expect(worst.share < 2e-3, "\(worst.at)")
  }

  // MARK: Directions

  @Test(arguments: [true, false])
  func turnedSteps(keepsMask: Bool) throws {
    let layer = ReversedTime(keepsMask: keepsMask)
    let gradients = try GradientTrial(made: layer).gradients([x])
    let weights = GradientTrial.weights([2, 3, 2], output: 0)
    let steps = stride(from: 0, to: 12, by: 2).map { Array(weights[$0..<$0 + 2]) }
    let turned = [2, 1, 0, 5, 4, 3].flatMap { steps[$0] }
    #expect(gradients.inputs == [turned])
  }

  @Test(arguments: [DirectionMerge.Mode.concat, .sum, .ave, .mul], [true, false])
  func mergedDirections(mode: DirectionMerge.Mode, turnsSteps: Bool) throws {
    let merge = DirectionMerge(mode, turnsSteps: turnsSteps)
    let other = wave([2, 3, mode == .concat ? 1 : 2], seed: 5)
    let worst = try GradientTrial(made: merge).worst([x, other])
    #expect(worst.share < 1e-3, "\(worst.at)")
  }
}
