import Testing

@testable import Keras
@testable import Network

/// Layers that vary images in training, beside what Keras 3.15 on TensorFlow makes of the same image by
/// the same numbers.
struct ImageVariationTests {
  private let shape = ImageShape(height: 3, width: 4, channels: 2)
  private var image: [Float] { (0..<24).map { Float($0 * 7 % 24) / 10 } }

  /// What becomes of the image by the numbers 0.25 and 0.75.
  private func varied(
    _ className: String, _ config: String, age: KerasAge = .three
  ) throws -> [Float] {
    let layer = try LayerTrial(className: className, config: config, age: age).layer()
    let variation = try #require(layer as? any ImageVariation)
    var result = [Float](repeating: 0, count: shape.count)
    variation.vary(image, into: &result, shape) { $0 == 0 ? 0.25 : 0.75 }
    return result
  }

  private func expect(
    _ found: [Float], _ expected: [Float], _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(
      found.count == expected.count
        && zip(found, expected).allSatisfy { abs($0 - $1) < 2e-5 }, "\(found)",
      sourceLocation: location)
  }

  @Test func placesBetweenAndBesidePixels() {
    let through = ImageSampling.Placement(a: 0.8, b: -0.6, c: 1.1, d: 0.6, e: 0.8, f: -1.3)
    let expected: [(ImageSampling.Fill, Bool, [Float])] = [
      (
        .constant, true,
        [
          0.5, 0.5, 0.5, 0.71, 1.292, 0.41, 0.75, 0.5, 0.6, 0.95, 1.18, 1.712, 0.932, 1.56, 0.54,
          1.168, 0.266, 0.896, 1.7, 0.888, 1.5, 1, 1.58, 0.698,
        ]
      ),
      (
        .constant, false,
        [
          0.5, 0.5, 0.5, 0.5, 1.8, 0.1, 0.5, 0.5, 1.4, 2.1, 1.4, 2.1, 1.2, 1.9, 0.2, 0.9, 0, 0.7,
          2.2, 0.5, 2, 0.3, 2, 0.3,
        ]
      ),
      (
        .reflect, true,
        [
          1.54, 1.592, 0.5, 1.2, 1.38, 0.4, 1, 0.5, 0.7, 1.4, 1.18, 1.712, 0.932, 1.56, 0.54, 1.168,
          0.24, 0.94, 1.7, 0.888, 1.5, 1, 1.7, 0.72,
        ]
      ),
      (
        .wrap, true,
        [
          1.148, 1.032, 1.86, 0.4, 1.3, 1.28, 0.4, 1.1, 1.1, 1.8, 1.18, 1.712, 0.932, 1.56, 0.54,
          1.168, 1.32, 0.34, 1.7, 0.888, 1.5, 1, 0.82, 0.8,
        ]
      ),
      (
        .wrap, false,
        [
          0.6, 1.3, 2, 0.3, 1, 1.7, 0.8, 1.5, 0.6, 1.3, 1.4, 2.1, 1.2, 1.9, 0.2, 0.9, 1.8, 0.1, 2.2,
          0.5, 2, 0.3, 0.4, 1.1,
        ]
      ),
      (
        .nearest, true,
        [
          1.3, 2, 0.5, 1.2, 1.38, 0.4, 1, 0.5, 0.7, 1.4, 1.18, 1.712, 0.932, 1.56, 0.54, 1.168, 0.24,
          0.94, 1.7, 0.888, 1.5, 1, 1.7, 0.72,
        ]
      ),
    ]
    for (fill, isBilinear, numbers) in expected {
      var result = [Float](repeating: 9, count: shape.count)
      ImageSampling(fill: fill, value: 0.5, isBilinear: isBilinear)
        .sample(image, into: &result, shape, through)
      expect(result, numbers)
    }
  }

  @Test func movedTurnedAndZoomed() throws {
    expect(
      try varied(
        "RandomTranslation",
        #"{"height_factor": [-0.2, 0.4], "width_factor": 0.5, "fill_mode": "wrap"}"#),
      [
        1.56, 0.22, 0.12, 0.82, 1.52, 1.86, 0.52, 1.22, 0.32, 1.02, 0.92, 1.62, 1.96, 0.62, 1.32,
        1.66, 1.8, 0.1, 0, 0.7, 1.4, 2.1, 0.4, 1.1,
      ])
    expect(
      try varied(
        "RandomRotation", #"{"factor": [0.1, 0.3], "fill_mode": "constant", "fill_value": 0.5}"#),
      [
        0.593913, 0.732995, 0.42706, 1.09104, 0.715667, 1.15047, 0.66234, 1.22885, 0.787575,
        1.33811, 1.67029, 1.23567, 1.52962, 1.16433, 1.37953, 0.762957, 0.33766, 0.904173, 1.32788,
        1.24953, 0.627175, 1.30896, 0.679163, 0.54517,
      ])
    expect(
      try varied("RandomZoom", #"{"height_factor": [-0.4, 0.2], "width_factor": [-0.1, 0.7]}"#),
      [
        0.2, 0.9, 1.25, 1.5, 0.8, 1.05, 1.4, 0.3, 0.8, 1.5, 1.85, 0.75, 0.95, 1.65, 0.2, 0.9, 1.4,
        2.1, 1.1, 1.35, 1.55, 0.9, 0.8, 1.5,
      ])
    expect(
      try varied("RandomZoom", #"{"height_factor": [-0.4, 0.2], "width_factor": null}"#),
      [
        0.725, 1.2, 1.475, 1.65, 0.725, 1.35, 1.1, 0.675, 1.325, 1.125, 2.075, 0.675, 1.325, 1.725,
        0.575, 1.275, 1.25, 1.725, 1.1, 1.05, 1.7, 0.75, 1.175, 1.2,
      ])
  }

  @Test func contrastAndBrightness() throws {
    expect(
      try varied("RandomContrast", #"{"factor": [0.3, 0.5], "value_range": [0.2, 2]}"#),
      [
        0.2, 0.75, 1.37, 2, 0.47, 1.11, 1.73, 0.21, 0.83, 1.47, 2, 0.57, 1.19, 1.83, 0.29, 0.93,
        1.55, 2, 0.65, 1.29, 1.91, 0.39, 1.01, 1.65,
      ])
    // One number is [0, number] in Keras 3 and both sides in Keras 2.
    #expect(
      try varied("RandomContrast", #"{"factor": 0.4}"#)
        == varied("RandomContrast", #"{"factor": [0, 0.4]}"#))
    #expect(
      try varied("RandomContrast", #"{"factor": 0.4}"#, age: .two)
        == varied("RandomContrast", #"{"factor": [0.4, 0.4]}"#))
    // Of two, Keras 3 takes the smaller one for the lower side, Keras 2 the first.
    #expect(
      try varied("RandomContrast", #"{"factor": [0.6, 0.2]}"#)
        == varied("RandomContrast", #"{"factor": [0.2, 0.6]}"#))
    #expect(
      try varied("RandomContrast", #"{"factor": [0.6, 0.2]}"#, age: .two)
        != varied("RandomContrast", #"{"factor": [0.2, 0.6]}"#, age: .two))
    expect(
      try varied("RandomBrightness", #"{"factor": [-0.2, 0.6], "value_range": [0, 2]}"#),
      image.map { min($0, 2) })
    expect(
      try varied("RandomBrightness", #"{"factor": [-0.2, 0.2], "value_range": [0, 2]}"#),
      image.map { min(max($0 - 0.2, 0), 2) })
  }

  @Test func flips() throws {
    let horizontal: [Float] = [
      1.8, 0.1, 0.4, 1.1, 1.4, 2.1, 0, 0.7, 0.2, 0.9, 1.2, 1.9, 2.2, 0.5, 0.8, 1.5, 1, 1.7, 2, 0.3,
      0.6, 1.3, 1.6, 2.3,
    ]
    let both: [Float] = [
      1, 1.7, 2, 0.3, 0.6, 1.3, 1.6, 2.3, 0.2, 0.9, 1.2, 1.9, 2.2, 0.5, 0.8, 1.5, 1.8, 0.1, 0.4, 1.1,
      1.4, 2.1, 0, 0.7,
    ]
    expect(try varied("RandomFlip", #"{"mode": "horizontal"}"#), horizontal)
    expect(try varied("RandomFlip", #"{"mode": "horizontal_and_vertical"}"#), both)
    // Keras 2 draws for each way by itself: 0.25 flips, 0.75 does not.
    expect(try varied("RandomFlip", #"{"mode": "horizontal_and_vertical"}"#, age: .two), horizontal)
    expect(try varied("RandomFlip", #"{"mode": "vertical"}"#, age: .two), image)
  }

  private static let layers: [(String, String)] = [
    ("RandomFlip", "{}"),
    ("RandomTranslation", #"{"height_factor": 0.5, "width_factor": 0.5, "fill_mode": "constant"}"#),
    ("RandomRotation", #"{"factor": 0.5}"#),
    ("RandomZoom", #"{"height_factor": 0.5, "fill_mode": "wrap"}"#),
    ("RandomContrast", #"{"factor": [0.5, 0.9], "value_range": [-100, 100]}"#),
    ("RandomBrightness", #"{"factor": 0.1, "value_range": [-100, 100]}"#),
  ]

  @Test(arguments: layers) func gradients(className: String, config: String) throws {
    let input = wave([3, 3, 4, 2], seed: 5)
    let trial = GradientTrial(trial: LayerTrial(className: className, config: config))
    let found = try trial.worst([input])
    #expect(found.share < 2e-3, "\(found.at)")
    // Images are each by themselves: how many lanes take them does not matter.
    var alone = trial
    alone.lanes = 1
    #expect(try alone.gradients([input]).outputs == trial.gradients([input]).outputs)
  }

  @Test(arguments: layers) func imagesPassInPrediction(className: String, config: String) throws {
    let input = wave([2, 3, 4, 2], seed: 5)
    let trial = LayerTrial(className: className, config: config)
    #expect(try trial.outputs([input])[0].values == input.values)
    var gradients = GradientTrial(trial: trial)
    gradients.trains = false
    #expect(try gradients.gradients([input]).outputs[0] == input.values)
  }

  @Test func whatIsClippedHasNoGradient() throws {
    let input: LayerTrial.Array = ([1, 1, 2, 1], [0.5, 5])
    let trial = GradientTrial(
      trial: LayerTrial(
        className: "RandomBrightness", config: #"{"factor": 0.01, "value_range": [0, 1]}"#))
    let gradient = try #require(try trial.gradients([input]).inputs[0])
    #expect(gradient == [GradientTrial.weights([1, 1, 2, 1], output: 0)[0], 0])
  }

  @Test func everyImageHasADrawOfItsOwn() throws {
    // 1 above 2: 400 images, each flipped or not.
    let input: LayerTrial.Array = ([400, 1, 2, 1], (0..<400).flatMap { _ in [1, 2] as [Float] })
    let trial = GradientTrial(
      trial: LayerTrial(className: "RandomFlip", config: #"{"mode": "horizontal"}"#))
    let outputs = try trial.gradients([input]).outputs[0]
    let flipped = (0..<400).count { outputs[2 * $0] == 2 }
    #expect((0..<400).allSatisfy { outputs[2 * $0] + outputs[2 * $0 + 1] == 3 })
    // Five deviations around a half.
    #expect((150...250).contains(flipped), "\(flipped)")
    let moved = try GradientTrial(
      trial: LayerTrial(
        className: "RandomBrightness", config: #"{"factor": [0.2, 0.4], "value_range": [0, 10]}"#)
    ).gradients([([400, 1, 1, 1], [Float](repeating: 1, count: 400))]).outputs[0]
    #expect(moved.allSatisfy { (2.9...5.1).contains($0) })
    #expect((moved.min() ?? 9) < 3.1 && (moved.max() ?? 0) > 4.9)
  }

  @Test func whatIsNoFactorIsRefused() throws {
    for (className, config) in [
      ("RandomRotation", "{}"), ("RandomRotation", #"{"factor": 2}"#),
      ("RandomZoom", #"{"height_factor": [0.1]}"#), ("RandomFlip", #"{"mode": "sideways"}"#),
      ("RandomContrast", #"{"factor": [0.1, "x"]}"#),
      ("RandomTranslation", #"{"height_factor": 0.1, "width_factor": 0.1, "fill_mode": "no"}"#),
      ("RandomBrightness", #"{"factor": 0.1, "value_range": 3}"#),
    ] {
      #expect(throws: LayerFault.self) {
        try LayerTrial(className: className, config: config).layer()
      }
    }
  }
}
