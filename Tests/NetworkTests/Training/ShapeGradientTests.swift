import Testing

@testable import Network

/// Gradients of layers that put numbers elsewhere, beside differences of what they give.
struct ShapeGradientTests {
  private func worst(
    _ className: String, _ config: String, _ variables: [String: LayerTrial.Array] = [:],
    _ shape: [Int]
  ) throws -> Float {
    try GradientTrial(
      trial: LayerTrial(className: className, config: config, variables: variables)
    ).worst([wave(shape, seed: 0.25)]).share
  }

  @Test(arguments: [
    ("Cropping1D", #"{"cropping": [1, 2]}"#, [5, 2]),
    ("Cropping2D", #"{"cropping": [[1, 0], [0, 2]]}"#, [3, 4, 2]),
    ("ZeroPadding1D", #"{"padding": [1, 2]}"#, [3, 2]),
    ("ZeroPadding3D", #"{"padding": 1}"#, [2, 1, 2, 2]),
    ("UpSampling1D", #"{"size": 3}"#, [2, 2]), ("UpSampling2D", #"{"size": [2, 3]}"#, [2, 3, 2]),
    ("UpSampling2D", #"{"size": [2, 3], "interpolation": "bilinear"}"#, [3, 2, 2]),
    ("CenterCrop", #"{"height": 2, "width": 1}"#, [4, 4, 2]),
    ("Resizing", #"{"height": 5, "width": 3}"#, [3, 4, 2]),
    ("Resizing", #"{"height": 2, "width": 5, "interpolation": "nearest"}"#, [3, 4, 2]),
    ("RepeatVector", #"{"n": 3}"#, [4]), ("Rescaling", #"{"scale": [2, 3], "offset": 1}"#, [3, 2]),
    (
      "Normalization", #"{"axis": -1, "mean": [1, 2], "variance": [4, 9]}"#, [3, 2]
    ),
  ])
  func withoutVariables(className: String, config: String, shape: [Int]) throws {
    #expect(try worst(className, config, [:], [2] + shape) < 2e-3)
  }

  @Test func whatIsPaddingHasNoGradient() throws {
    let trial = GradientTrial(trial: LayerTrial(className: "Masking", config: "{}"))
    let gradients = try trial.gradients([([1, 2, 2], [0, 0, 0, 3])])
    #expect(gradients.inputs[0].map { Array($0.prefix(2)) } == [0, 0])
    #expect(gradients.inputs[0].map { $0[2] != 0 && $0[3] != 0 } == true)
  }

  @Test(arguments: [
    (1, #""strides": 2, "padding": "same", "activation": "tanh""#),
    (1, #""strides": 3, "padding": "valid""#), (1, #""dilation_rate": 2, "padding": "same""#),
    (2, #""strides": [2, 1], "padding": "valid""#),
    (2, #""strides": 2, "padding": "same", "output_padding": 1"#),
    (2, #""strides": 2, "padding": "valid", "output_padding": [1, 0]"#),
    (3, #""strides": 2, "padding": "same""#),
  ])
  func transposedConvolutions(rank: Int, more: String) throws {
    let kernel = [Int](repeating: 3, count: rank) + [2, 3]
    #expect(
      try worst(
        "Conv\(rank)DTranspose", #"{"filters": 2, "kernel_size": 3, \#(more)}"#,
        ["kernel": wave(kernel, seed: 1), "bias": wave([2], seed: 2)],
        [2] + [4, 3, 2].prefix(rank) + [3]) < 2e-3)
  }

  @Test func slopesOfTheirOwn() throws {
    #expect(
      try worst("PReLU", #"{"shared_axes": [1]}"#, ["alpha": wave([1, 2], seed: 1)], [2, 3, 2])
        < 2e-3)
    #expect(
      try worst(
        "ParametricSoftplus", "{}", ["alpha": wave([2], seed: 1), "beta": wave([2], seed: 2)],
        [3, 2]) < 2e-3)
    #expect(
      try worst(
        "SReLU", "{}",
        [
          "t_left": ([2], [-0.4, -0.35]), "a_left": wave([2], seed: 1),
          "t_right": ([2], [0.6, -0.7]), "a_right": wave([2], seed: 2),
        ], [6, 2]) < 2e-3)
  }

  @Test func denseLayersOfKerasOne() throws {
    #expect(
      try worst(
        "MaxoutDense", #"{"output_dim": 2, "nb_feature": 3, "bias": true}"#,
        ["kernel": wave([3, 4, 2], seed: 1), "bias": wave([3, 2], seed: 2)], [5, 4]) < 2e-3)
    for activation in ["tanh", "softplus"] {
      #expect(
        try worst(
          "Highway", #"{"activation": "\#(activation)", "bias": true}"#,
          [
            "kernel": wave([3, 3], seed: 1), "bias": wave([3], seed: 2),
            "carry_kernel": wave([3, 3], seed: 3), "carry_bias": wave([3], seed: 4),
          ], [4, 3]) < 2e-3)
    }
  }
}
