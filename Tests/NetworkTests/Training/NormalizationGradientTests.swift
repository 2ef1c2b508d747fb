import Testing

@testable import Network

/// Gradients of what brings rows to a size, beside differences of its outputs.
struct NormalizationGradientTests {
  private func worst(
    _ className: String, _ config: String, _ variables: [String: LayerTrial.Array] = [:],
    _ input: LayerTrial.Array
  ) throws -> Float {
    try GradientTrial(
      trial: LayerTrial(className: className, config: config, variables: variables)
    ).worst([input]).share
  }

  @Test(arguments: ["{}", #"{"axis": [1, 2]}"#, #"{"axis": 1}"#])
  func softmax(config: String) throws {
    #expect(try worst("Softmax", config, [:], wave([2, 3, 4])) < 2e-3)
  }

  @Test func maskedSoftmax() throws {
    var trial = GradientTrial(trial: LayerTrial(className: "Softmax", config: "{}"), fixed: [1])
    trial.trial.arguments = [.value(0), .value(1)]
    let mask: LayerTrial.Array = ([2, 3], [1, 0, 1, 0, 0, 0])
    #expect(try trial.worst([wave([2, 3]), mask]).share < 2e-3)
  }

  /// What is masked has no part in mean and variance, and is normalised by them all the same.
  @Test(arguments: [nil, [1, 0, 1, 1, 1, 0]] as [[Float]?])
  func batches(mask: [Float]?) throws {
    var trial = LayerTrial(
      className: "BatchNormalization", config: "{}",
      variables: [
        "gamma": wave([4], seed: 1), "beta": wave([4], seed: 2), "moving_mean": wave([4], seed: 3),
        "moving_variance": ([4], [1, 2, 1, 2]),
      ])
    trial.masks = [mask.map { ([2, 3], $0) }]
    #expect(try GradientTrial(trial: trial).worst([wave([2, 3, 4])]).share < 2e-3)
  }

  @Test func lengths() throws {
    #expect(try worst("UnitNormalization", #"{"axis": 1}"#, [:], wave([2, 3, 4])) < 2e-3)
    #expect(
      try worst("RMSNormalization", "{}", ["scale": wave([4], seed: 1)], wave([2, 3, 4])) < 2e-3)
  }

  @Test(arguments: [(-1, 2), (-1, -1), (1, 2), (2, 1)])
  func groups(axis: Int, groups: Int) throws {
    #expect(
      try worst(
        "GroupNormalization", #"{"groups": \#(groups), "axis": \#(axis)}"#,
        ["gamma": wave([4], seed: 1), "beta": wave([4], seed: 2)], wave([2, 4, 4, 4])) < 2e-3)
  }
}
