import Keras
import Testing

@testable import Network

/// Expected numbers are those of Keras 3.15 for the layer and the same waves.
struct NormalizationTests {
  @Test func layersOverSomeDimensions() throws {
    let trial = LayerTrial(
      className: "LayerNormalization", config: #"{"axis": [1, 3]}"#,
      variables: ["gamma": wave([2, 2], seed: 1), "beta": wave([2, 2], seed: 2)])
    let expected: [Float] = [
      0.3530712, 1.199641, 1.617069, -1.076748, 1.174826, -0.569593, -0.9356101, -1.537097,
      -0.606035, -0.5274526, -0.5492749, -0.1987,
    ]
    #expect(agree(try trial.output(wave([1, 2, 3, 2])).values, expected))
    #expect(throws: LayerFault.self) { try trial.output(wave([1, 2, 3, 4])) }
  }

  @Test func varianceAloneScales() throws {
    let trial = LayerTrial(
      className: "LayerNormalization", config: #"{"rms_scaling": true, "center": true}"#,
      variables: ["gamma": wave([3], seed: 1)])
    let expected: [Float] = [0, 1.844639, 0.3093576, 0.2478342, -1.436223, -0.2824271]
    #expect(agree(try trial.output(wave([2, 3])).values, expected))
  }

  @Test func groupsOfChannels() throws {
    let variables = ["gamma": wave([4], seed: 1), "beta": wave([4], seed: 2)]
    let first = LayerTrial(
      className: "GroupNormalization", config: #"{"groups": 2, "axis": 1}"#, variables: variables)
    let expected: [Float] = [
      0.8746339, 1.868097, 1.948175, 0.2837021, -0.8618593, -1.119724, -0.8209089, -0.6324859,
      -0.565606, -1.361374, -0.3295941, 0.1624466,
    ]
    #expect(agree(try first.output(wave([1, 4, 3])).values, expected))
    var last = first
    last.config = #"{"groups": 2}"#
    let others: [Float] = [
      1.168534, 1.499759, -0.5877905, -0.6046473, 0.2708987, -0.8077948, -0.9515541, -1.451238,
    ]
    #expect(agree(try last.output(wave([1, 2, 4])).values, others))
    for groups in [0, 3, 8] {
      last.config = "{\"groups\": \(groups)}"
      #expect(throws: LayerFault.self) { try last.output(wave([1, 2, 4])) }
    }
  }

  @Test func rowsOfLengthOne() throws {
    let unit = LayerTrial(className: "UnitNormalization", config: #"{"axis": 1}"#)
    let expected: [Float] = [0, 0.7435231, 0.6880807, 1, -0.6687102, -0.7256342]
    #expect(agree(try unit.output(wave([1, 2, 3])).values, expected))
    #expect(try unit.output(([1, 2, 1], [0, 0])).values == [0, 0])
    let rms = LayerTrial(
      className: "RMSNormalization", config: "{}", variables: ["scale": wave([3], seed: 1)])
    let scaled: [Float] = [0, 1.06971, 0.1793971, 0.1672566, -0.9692682, -0.1906024]
    #expect(agree(try rms.output(wave([2, 3])).values, scaled))
  }

  @Test func channelsAnywhere() throws {
    var variance = wave([2], seed: 4)
    variance.values = variance.values.map { abs($0) }
    var trial = LayerTrial(
      className: "BatchNormalization", config: #"{"axis": 1, "epsilon": 0.01}"#,
      variables: [
        "gamma": wave([2], seed: 1), "beta": wave([2], seed: 2), "moving_mean": wave([2], seed: 3),
        "moving_variance": variance,
      ])
    let expected: [Float] = [0.7736892, 1.582294, 1.647472, 0.9705886, 0.14112, -0.04559284]
    #expect(agree(try trial.output(wave([1, 2, 3])).values, expected))
    // Keras 2 writes a list of one axis.
    trial.config = #"{"axis": [1], "epsilon": 0.01}"#
    trial.age = .two
    #expect(agree(try trial.output(wave([1, 2, 3])).values, expected))
    trial.config = #"{"axis": [1, 2]}"#
    #expect(throws: LayerFault.self) { try trial.output(wave([1, 2, 3])) }
    trial.config = #"{"axis": 0}"#
    #expect(throws: LayerFault.self) { try trial.output(wave([1, 2, 3])) }
    trial.config = #"{"mode": 1}"#
    trial.age = .one
    #expect(throws: LayerFault.self) { try trial.output(wave([1, 2])) }
  }

  @Test func statisticsOfTheConfiguration() throws {
    var trial = LayerTrial(
      className: "Normalization",
      config: #"{"axis": [1], "mean": [0.5, 1.0], "variance": [2.0, 0.25]}"#)
    let expected: [Float] = [-0.3535534, 0.2414564, 0.289417, -1.71776, -3.513605, -3.917849]
    #expect(agree(try trial.output(wave([1, 2, 3])).values, expected))
    trial.config =
      #"{"axis": [1], "mean": [0.5, 1.0], "variance": [2.0, 0.25], "invert": true}"#
    let inverse: [Float] = [0.5, 1.69002, 1.785941, 1.07056, 0.6215987, 0.5205379]
    #expect(agree(try trial.output(wave([1, 2, 3])).values, inverse))
    for config in [
      #"{"axis": [1], "mean": [0.5, 1.0]}"#, #"{"axis": [1], "mean": [1], "variance": [1, 2]}"#,
      #"{"axis": [1], "mean": [1, 2, 3], "variance": [1, 2, 3]}"#,
      #"{"axis": [1], "mean": [[1, 2], [3]], "variance": [1, 2]}"#,
    ] {
      trial.config = config
      #expect(throws: LayerFault.self) { try trial.output(wave([1, 2, 3])) }
    }
  }

  @Test func learntStatistics() throws {
    let trial = LayerTrial(
      className: "Normalization", config: #"{"axis": [-1], "mean": null, "variance": null}"#,
      variables: ["mean": ([2], [1, 2]), "variance": ([2], [4, 0])])
    // A deviation of zero counts as 1e-7.
    #expect(agree(try trial.output(([1, 2], [3, 2])).values, [1, 0]))
  }

  @Test func scalesByChannel() throws {
    let trial = LayerTrial(className: "Rescaling", config: #"{"scale": [2, 3, 4], "offset": -1}"#)
    let expected: [Float] = [-1, 1.524413, 2.63719, -0.71776, -3.270407, -4.835697]
    #expect(agree(try trial.output(wave([1, 2, 3])).values, expected))
    #expect(throws: LayerFault.self) { try trial.output(wave([1, 2, 4])) }
  }
}
