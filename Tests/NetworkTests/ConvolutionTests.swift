import Keras
import Testing

@testable import Network

/// Expected numbers are Keras 3.15.1's on TensorFlow: the layer built on `sin(arange(n) + seed)` with
/// variable `i` (from 0) set to the same with seed `i + 1`; the first six numbers and the sum of all
/// magnitudes.
struct ConvolutionTests {
  private func check(
    _ className: String, _ config: String, _ shapes: [(String, [Int])], on input: [Int],
    gives shape: [Int], _ first: [Float], sum: Float
  ) throws {
    var variables: [String: LayerTrial.Array] = [:]
    for (i, (name, shape)) in shapes.enumerated() {
      variables[name] = wave(shape, seed: Double(i + 1))
    }
    let trial = LayerTrial(className: className, config: config, variables: variables)
    let y = try trial.output(wave(input))
    #expect(y.shape == shape)
    #expect(agree(Array(y.values.prefix(6)), first))
    let total = y.values.reduce(0) { $0 + abs($1) }
    #expect(abs(total - sum) < 2e-5 * sum)
  }

  @Test func causalWithDilation() throws {
    try check(
      "Conv1D",
      #"{"filters": 2, "kernel_size": [3], "padding": "causal", "dilation_rate": [2]}"#,
      [("kernel", [3, 2, 2]), ("bias", [2])], on: [1, 6, 2], gives: [1, 6, 2],
      [0.0678347, -0.310391, 1.14292, -0.429278, 2.10916, 1.89989], sum: 15.4785)
  }

  @Test func sameWithStrideTwo() throws {
    try check(
      "Conv2D",
      #"{"filters": 3, "kernel_size": [3, 3], "strides": [2, 2], "padding": "same", "activation": "relu"}"#,
      [("kernel", [3, 3, 2, 3]), ("bias", [3])], on: [1, 4, 5, 2], gives: [1, 2, 3, 3],
      [0.201804, 0, 0, 1.07949, 0.14349, 0], sum: 6.17802)
  }

  @Test func groups() throws {
    try check(
      "Conv2D", #"{"filters": 4, "kernel_size": 2, "groups": 2}"#,
      [("kernel", [2, 2, 2, 4]), ("bias", [4])], on: [1, 3, 3, 4], gives: [1, 2, 2, 4],
      [0.931105, 0.497387, -1.00972, -1.352, 0.569265, -0.314831], sum: 11.1285)
  }

  @Test func threeDimensions() throws {
    try check(
      "Conv3D",
      #"{"filters": 2, "kernel_size": [2, 2, 2], "strides": [2, 2, 2], "padding": "same"}"#,
      [("kernel", [2, 2, 2, 1, 2]), ("bias", [2])], on: [1, 3, 3, 3, 1], gives: [1, 2, 2, 2, 2],
      [1.15715, -1.86868, 2.59809, 2.7612, 1.32279, -0.80945], sum: 21.6269)
  }

  @Test func transposedWithOutputPadding() throws {
    try check(
      "Conv2DTranspose",
      #"{"filters": 2, "kernel_size": [3, 3], "strides": [2, 2], "padding": "same", "output_padding": [1, 1]}"#,
      [("kernel", [3, 3, 2, 2]), ("bias", [2])], on: [1, 2, 3, 2], gives: [1, 4, 6, 2],
      [1.67444, -0.495707, 0.674177, 0.973636, 1.34499, -0.28887], sum: 44.0042)
  }

  @Test func transposedWithAStrideBeyondItsKernel() throws {
    try check(
      "Conv1DTranspose", #"{"filters": 2, "kernel_size": [2], "strides": [3]}"#,
      [("kernel", [2, 2, 2]), ("bias", [2])], on: [1, 3, 2], gives: [1, 9, 2],
      [1.67444, -0.495707, 0.674177, 0.973636, 0.909297, 0.14112], sum: 14.3821)
  }

  /// Planes between the strides meet no part of the kernel and are the bias, activated.
  @Test func transposedBeyondItsKernelInThreeDimensions() throws {
    try check(
      "Conv3DTranspose",
      #"{"filters": 2, "kernel_size": [2, 2, 2], "strides": [3, 3, 3], "activation": "tanh"}"#,
      [("kernel", [2, 2, 2, 2, 1]), ("bias", [2])], on: [1, 2, 2, 1, 1], gives: [1, 6, 6, 3, 2],
      [0.720795, 0.140191, 0.720795, 0.140191, 0.720795, 0.140191], sum: 97.1457)
  }

  @Test func depthwise() throws {
    try check(
      "DepthwiseConv2D",
      #"{"kernel_size": [2, 2], "depth_multiplier": 2, "padding": "same"}"#,
      [("kernel", [2, 2, 2, 2]), ("bias", [4])], on: [1, 3, 3, 2], gives: [1, 3, 3, 4],
      [0.337893, 1.01912, -0.934325, -1.9273, 2.57931, 0.102261], sum: 34.3637)
  }

  @Test func separable() throws {
    try check(
      "SeparableConv2D", #"{"filters": 3, "kernel_size": [2, 2]}"#,
      [
        ("depthwise_kernel", [2, 2, 2, 1]), ("pointwise_kernel", [1, 1, 2, 3]), ("bias", [3]),
      ], on: [1, 3, 3, 2], gives: [1, 2, 2, 3],
      [0.246217, -0.855742, -1.17094, -0.207734, -0.778234, -0.633229], sum: 7.98229)
  }

  @Test func averagesDivideByRealElements() throws {
    try check(
      "AveragePooling2D", #"{"pool_size": [3, 3], "strides": [2, 2], "padding": "same"}"#, [],
      on: [1, 4, 4, 2], gives: [1, 2, 2, 2],
      [-0.00718736, -0.0132114, 0.0536517, 0.126492, 0.000323425, 0.0309209], sum: 0.547838)
  }

  @Test func maximaOverBoxes() throws {
    try check(
      "MaxPooling3D", #"{"pool_size": 2, "strides": 1, "padding": "same"}"#, [],
      on: [1, 2, 3, 2, 1], gives: [1, 2, 3, 2, 1],
      [0.989358, 0.841471, 0.989358, 0.412118, -0.544021, -0.958924], sum: 9.32709)
  }

  @Test func bilinearBlend() throws {
    try check(
      "UpSampling2D", #"{"size": [2, 2], "interpolation": "bilinear"}"#, [], on: [1, 2, 3, 1],
      gives: [1, 4, 6, 1], [0, 0.210368, 0.631103, 0.858428, 0.892341, 0.909297], sum: 10.47)
  }

  @Test func whatDoesNotFitIsRefused() {
    let kernel: [String: LayerTrial.Array] = [
      "kernel": wave([3, 3, 2, 3]), "bias": wave([3]),
    ]
    func trial(_ config: String) -> LayerTrial {
      LayerTrial(className: "Conv2D", config: config, variables: kernel)
    }
    #expect(throws: LayerFault.self) {
      try trial(#"{"filters": 3, "kernel_size": 3, "padding": "full"}"#).output(wave([1, 4, 4, 2]))
    }
    #expect(throws: LayerFault.self) {
      try trial(#"{"filters": 3, "kernel_size": 3}"#).output(wave([1, 2, 4, 2]))
    }
    #expect(throws: LayerFault.self) {
      try trial(#"{"filters": 3, "kernel_size": 3}"#).output(wave([1, 4, 4, 3]))
    }
    #expect(throws: LayerFault.self) {
      try trial(#"{"filters": 4, "kernel_size": 3}"#).output(wave([1, 4, 4, 2]))
    }
    #expect(throws: LayerFault.self) {
      try trial(#"{"filters": 3, "kernel_size": 3, "dilation_rate": 2000000000}"#).output(
        wave([1, 4, 4, 2]))
    }
  }
}
