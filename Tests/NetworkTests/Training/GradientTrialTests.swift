import Testing

@testable import Network

/// That the trial of gradients sees what is right, and what is not.
struct GradientTrialTests {
  private let dense = LayerTrial(
    className: "Dense", config: #"{"units": 2, "activation": "tanh"}"#,
    variables: ["kernel": wave([3, 2], seed: 1), "bias": wave([2], seed: 2)])

  /// Σ w·tanh(x·W + b) by GradientTape of Keras 3.15.1.
  @Test func gradientsOfADenseLayer() throws {
    let gradients = try GradientTrial(trial: dense).gradients([wave([2, 3])])
    #expect(
      agree(
        gradients.inputs[0] ?? [],
        [-0.1705949, -0.2738909, 0.3985525, 0.2804352, -0.15317, -0.1529528]))
    #expect(
      agree(
        gradients.variables["kernel"] ?? [],
        [0.01345582, 0.03107051, -0.4880372, 0.06035915, -0.5408311, 0.03415387]))
    #expect(agree(gradients.variables["bias"] ?? [], [-0.3988747, 0.4899187]))
  }

  @Test func differencesAgree() throws {
    #expect(try GradientTrial(trial: dense).worst([wave([2, 3])]).share < 1e-3)
  }

  /// At a corner, differences give the mean of both sides.
  @Test func disagreementIsSeen() throws {
    let relu = LayerTrial(className: "ReLU", config: "{}")
    let worst = try GradientTrial(trial: relu).worst([([2, 2], [1, -1, 0, 2])])
    #expect(worst.share > 0.4)
    #expect(worst.at.hasPrefix("input 0[2]"))
  }

  /// Dropout lets everything pass in prediction, and what it drops depends on nothing but the place.
  @Test func dropoutIsTheSameOnBothWays() throws {
    let dropout = LayerTrial(className: "Dropout", config: #"{"rate": 0.5}"#)
    #expect(try GradientTrial(trial: dropout).worst([wave([4, 8])]).share < 1e-3)
    let predicting = try GradientTrial(trial: dropout, trains: false).gradients([wave([4, 8])])
    #expect(predicting.inputs == [GradientTrial.weights([4, 8], output: 0)])
    #expect(predicting.outputs == [wave([4, 8]).values])
  }

  @Test func whatIsFrozenHasNoGradient() throws {
    let gradients = try GradientTrial(trial: dense, fixed: [0], frozen: ["kernel"])
      .gradients([wave([2, 3])])
    #expect(gradients.inputs == [nil])
    #expect(Set(gradients.variables.keys) == ["bias"])
  }
}
