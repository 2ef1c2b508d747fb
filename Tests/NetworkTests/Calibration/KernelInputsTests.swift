import Tensors
import Testing

@testable import Keras
@testable import Network

/// The rows that layers say their kernels are multiplied by, times the kernels, are what the layers
/// give: every family, every order of axes.
struct KernelInputsTests {
  /// One kernel of a layer and its rows, `[groups][rows][inputs]`.
  private struct Given {
    var use: KernelUse
    var rows: [[[Float]]]

    /// Rows times kernel, plus the bias: `[groups][rows][outputs]`.
    var products: [[[Float]]] {
      let matrices = use.matrices
      return rows.enumerated().map { group, rows in
        rows.map { row in
          (0..<matrices.outputs).map { output in
            var sum = use.bias?.values[use.biasPlaces[group * matrices.outputs + output]] ?? 0
            for (input, x) in row.enumerated() {
              sum +=
                x * use.kernel.values[matrices.element(group: group, input: input, output: output)]
            }
            return sum
          }
        }
      }
    }
    /// The products in the order of the layer's output: groups side by side in every row.
    var outputs: [Float] {
      let products = products
      return (products.first ?? []).indices.flatMap { row in products.flatMap { $0[row] } }
    }
  }

  private func given(
    _ trial: LayerTrial, _ inputs: [LayerTrial.Array]
  ) throws -> (kernels: [Given], outputs: [Float]) {
    var kernels: [Given] = []
    let outputs = try trial.outputs(inputs) { layer, frame in
      guard let layer = layer as? any Calibrated else { return }
      for (index, use) in layer.kernelUses.enumerated() {
        var rows = [[[Float]]](repeating: [], count: use.matrices.groups)
        layer.giveInputs(of: index, in: frame) { x, count, stride, group in
          for row in 0..<count {
            rows[group].append((0..<use.matrices.inputs).map { x[row * stride + $0] })
          }
        }
        kernels.append(Given(use: use, rows: rows))
      }
    }
    return (kernels, outputs[0].values)
  }

  private func trial(
    _ className: String, _ config: String, _ shapes: [(String, [Int])], age: KerasAge = .three
  ) -> LayerTrial {
    var variables: [String: LayerTrial.Array] = [:]
    for (i, (name, shape)) in shapes.enumerated() {
      variables[name] = wave(shape, seed: Double(i + 1))
    }
    return LayerTrial(className: className, config: config, variables: variables, age: age)
  }

  /// Checks a layer whose last kernel makes the output.
  @discardableResult
  private func check(
    _ className: String, _ config: String, _ shapes: [(String, [Int])], on input: [Int],
    age: KerasAge = .three
  ) throws -> [Given] {
    let (kernels, outputs) = try given(
      trial(className, config, shapes, age: age), [wave(input)])
    let last = try #require(kernels.last)
    #expect(agree(last.outputs, outputs), "\(className) \(config)")
    return kernels
  }

  @Test func denseOverSeveralDimensions() throws {
    try check("Dense", #"{"units": 4}"#, [("kernel", [3, 4]), ("bias", [4])], on: [2, 5, 3])
    try check("Dense", #"{"units": 2, "use_bias": false}"#, [("kernel", [3, 2])], on: [4, 3])
  }

  @Test func convolutions() throws {
    try check(
      "Conv1D", #"{"filters": 2, "kernel_size": [3], "padding": "causal", "dilation_rate": [2]}"#,
      [("kernel", [3, 2, 2]), ("bias", [2])], on: [2, 6, 2])
    try check(
      "Conv2D", #"{"filters": 3, "kernel_size": [3, 2], "strides": [2, 1], "padding": "same"}"#,
      [("kernel", [3, 2, 2, 3]), ("bias", [3])], on: [2, 4, 5, 2])
    // More positions than are made at a time.
    try check(
      "Conv2D", #"{"filters": 1, "kernel_size": [1, 1]}"#,
      [("kernel", [1, 1, 2, 1]), ("bias", [1])], on: [2, 17, 17, 2])
    try check(
      "Conv2D", #"{"filters": 4, "kernel_size": 2, "groups": 2}"#,
      [("kernel", [2, 2, 3, 4]), ("bias", [4])], on: [2, 3, 3, 6])
    try check(
      "Conv3D",
      #"{"filters": 2, "kernel_size": [2, 2, 2], "strides": [2, 2, 2], "padding": "same"}"#,
      [("kernel", [2, 2, 2, 1, 2]), ("bias", [2])], on: [1, 3, 3, 3, 1])
    // Keras 1 with Theano's order keeps filters first.
    try check(
      "Convolution2D",
      #"{"nb_filter": 2, "nb_row": 2, "nb_col": 3, "dim_ordering": "th", "border_mode": "valid"}"#,
      [("kernel", [2, 4, 2, 3]), ("bias", [2])], on: [2, 4, 5, 4], age: .one)
  }

  @Test func transposedConvolutions() throws {
    try check(
      "Conv2DTranspose",
      #"{"filters": 2, "kernel_size": [3, 2], "strides": [2, 2], "padding": "same", "output_padding": [1, 1]}"#,
      [("kernel", [3, 2, 2, 3]), ("bias", [2])], on: [2, 3, 2, 3])
    try check(
      "Conv1DTranspose", #"{"filters": 3, "kernel_size": [2], "padding": "valid"}"#,
      [("kernel", [2, 3, 2]), ("bias", [3])], on: [2, 4, 2])
  }

  @Test func depthwiseAndSeparable() throws {
    try check(
      "DepthwiseConv2D", #"{"kernel_size": [3, 3], "depth_multiplier": 2, "padding": "same"}"#,
      [("kernel", [3, 3, 3, 2]), ("bias", [6])], on: [2, 4, 4, 3])
    let kernels = try check(
      "SeparableConv2D", #"{"filters": 4, "kernel_size": [2, 2], "depth_multiplier": 2}"#,
      [("depthwise_kernel", [2, 2, 3, 2]), ("pointwise_kernel", [1, 1, 6, 4]), ("bias", [4])],
      on: [2, 4, 3, 3])
    // What the depthwise kernel gives is what the pointwise one is given.
    #expect(agree(kernels[0].outputs, kernels[1].rows[0].flatMap { $0 }))
    #expect(kernels[0].use.bias == nil)
  }

  @Test func einsum() throws {
    try check(
      "EinsumDense",
      #"{"equation": "abc,cde->abde", "output_shape": [null, 2, 4], "bias_axes": "de"}"#,
      [("kernel", [3, 2, 4]), ("bias", [2, 4])], on: [2, 5, 3])
    // A kernel for every token, and a bias of each output.
    let grouped = try check(
      "EinsumDense", #"{"equation": "abc,bcd->abd", "output_shape": [3, 2], "bias_axes": "bd"}"#,
      [("kernel", [3, 4, 2]), ("bias", [3, 2])], on: [2, 3, 4])
    #expect(grouped[0].use.matrices.groups == 3 && grouped[0].use.bias != nil)
    // A bias of every token is not one number for an output.
    let (kernels, _) = try given(
      trial(
        "EinsumDense", #"{"equation": "abc,cd->abd", "output_shape": [3, 2], "bias_axes": "bd"}"#,
        [("kernel", [4, 2]), ("bias", [3, 2])]), [wave([2, 3, 4])])
    #expect(kernels[0].use.bias == nil && kernels[0].rows[0].count == 6)
  }

  @Test func attention() throws {
    let config = #"{"num_heads": 2, "key_dim": 3, "value_dim": 2}"#
    let shapes: [(String, [Int])] = [
      ("query/kernel", [4, 2, 3]), ("query/bias", [2, 3]), ("key/kernel", [4, 2, 3]),
      ("key/bias", [2, 3]), ("value/kernel", [4, 2, 2]), ("value/bias", [2, 2]),
      ("attention_output/kernel", [2, 2, 4]), ("attention_output/bias", [4]),
    ]
    let x = wave([2, 3, 4])
    let y = wave([2, 5, 4], seed: 3)
    let (kernels, outputs) = try given(trial("MultiHeadAttention", config, shapes), [x, y])
    #expect(kernels.count == 4)
    #expect(agree(kernels[3].outputs, outputs))
    #expect(kernels[0].rows[0].flatMap { $0 } == x.values)
    #expect(kernels[1].rows[0].flatMap { $0 } == y.values)
    #expect(kernels[2].rows[0].flatMap { $0 } == y.values)
  }

  @Test func recurrentKernelsSeeInputsAndStates() throws {
    let simple = #"{"units": 3, "activation": "linear", "return_sequences": true}"#
    let (rnn, states) = try given(
      trial(
        "SimpleRNN", simple, [("kernel", [2, 3]), ("recurrent_kernel", [3, 3]), ("bias", [3])]),
      [wave([1, 4, 2])])
    // h = x·W + b + h·U, both uses naming the one bias.
    let bias = wave([3], seed: 3).values
    let sums = zip(rnn[0].outputs, rnn[1].outputs).enumerated().map { i, pair in
      pair.0 + pair.1 - bias[i % 3]
    }
    #expect(agree(sums, states))
    for (className, gates, config) in [
      ("LSTM", 4, #"{"units": 3, "return_sequences": true}"#),
      ("GRU", 3, #"{"units": 3, "return_sequences": true, "reset_after": true}"#),
    ] {
      let bias = className == "GRU" ? [2, 9] : [12]
      let (kernels, outputs) = try given(
        trial(
          className, config,
          [("kernel", [2, 3 * gates]), ("recurrent_kernel", [3, 3 * gates]), ("bias", bias)]),
        [wave([1, 4, 2])])
      #expect(kernels.count == 2)
      #expect(kernels[0].rows[0].flatMap { $0 } == wave([1, 4, 2]).values)
      #expect(kernels[1].rows[0].flatMap { $0 } == [0, 0, 0] + outputs.dropLast(3))
      #expect(kernels[1].use.biasPlaces.first == (className == "GRU" ? 9 : 0))
    }
  }

  @Test func gatesThatResetFirstSeeTheResetState() throws {
    var gru = trial(
      "GRU",
      #"{"units": 2, "return_sequences": true, "reset_after": false, "recurrent_activation": "hard_sigmoid"}"#,
      [("kernel", [2, 6]), ("recurrent_kernel", [2, 6]), ("bias", [6])])
    // The reset gate is 1, then 0.
    for (bias, factor) in [(Float(50), Float(1)), (-50, 0)] {
      gru.variables["bias"] = ([6], [0, 0, bias, bias, 0, 0])
      let (kernels, outputs) = try given(gru, [wave([1, 3, 2])])
      #expect(kernels.count == 3)
      let states = [0, 0] + outputs.dropLast(2)
      #expect(kernels[1].rows[0].flatMap { $0 } == states)
      #expect(kernels[2].rows[0].flatMap { $0 } == states.map { $0 * factor })
      #expect(kernels[1].use.matrices.outputs == 4 && kernels[2].use.matrices.outputs == 2)
      #expect(kernels[2].use.matrices.outputOffsets == [4, 5])
    }
  }

  @Test func imagesOverTime() throws {
    let shapes: [(String, [Int])] = [
      ("kernel", [2, 2, 2, 12]), ("recurrent_kernel", [2, 2, 3, 12]), ("bias", [12]),
    ]
    let config = #"{"filters": 3, "kernel_size": [2, 2], "return_sequences": true}"#
    let (kernels, outputs) = try given(
      trial("ConvLSTM2D", config, shapes), [wave([1, 2, 3, 3, 2])])
    // Four positions in each of two steps; a patch's first pixel is the position's own.
    #expect(kernels[0].rows[0].count == 8 && kernels[0].rows[0][4].count == 8)
    #expect(Array(kernels[0].rows[0][4].prefix(4)) == Array(wave([40]).values[18..<22]))
    #expect(kernels[1].rows[0].count == 8)
    #expect(kernels[1].rows[0][..<4].allSatisfy { $0.allSatisfy { $0 == 0 } })
    let first = kernels[1].rows[0][4...].flatMap { $0.prefix(3) }
    #expect(first == Array(outputs.prefix(12)))
  }

  @Test func maskedStepsDoNotCount() throws {
    var lstm = trial(
      "LSTM", #"{"units": 2, "return_sequences": true}"#,
      [("kernel", [1, 8]), ("recurrent_kernel", [2, 8]), ("bias", [8])])
    lstm.masks = [([2, 3], [1, 0, 1, 0, 1, 1])]
    let (kernels, _) = try given(lstm, [([2, 3, 1], [1, 2, 3, 4, 5, 6])])
    #expect(kernels[0].rows[0] == [[1], [5], [3], [6]])
    #expect(kernels[1].rows[0].count == 4 && kernels[1].rows[0][0] == [0, 0])
    #expect(kernels[1].rows[0][1] == [0, 0])
  }

  @Test func gatesApartAndFullyConnectedLayersOfKerasOne() throws {
    let shapes = ["i", "f", "c", "o"].flatMap {
      [("kernel_\($0)", [2, 3]), ("recurrent_kernel_\($0)", [3, 3]), ("bias_\($0)", [3])]
    }
    let (kernels, _) = try given(
      trial("LSTM", #"{"output_dim": 3}"#, shapes, age: .one), [wave([1, 4, 2])])
    #expect(
      kernels.map(\.use.kernel.name)
        == ["i", "f", "c", "o"].map { "kernel_\($0)" }
        + ["i", "f", "c", "o"].map { "recurrent_kernel_\($0)" })
    #expect(kernels.allSatisfy { $0.use.bias?.name.last == $0.use.kernel.name.last })
    let (maxout, _) = try given(
      trial(
        "MaxoutDense", #"{"output_dim": 2, "nb_feature": 3}"#,
        [("kernel", [3, 4, 2]), ("bias", [3, 2])], age: .one), [wave([2, 4])])
    #expect(maxout[0].use.matrices.outputs == 6 && maxout[0].rows[0].count == 2)
  }
}
