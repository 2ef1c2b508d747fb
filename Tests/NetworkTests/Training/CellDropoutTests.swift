import Testing

@testable import Network

/// What recurrent layers drop in training. The draws are not Keras's; where they count, and how many
/// there are, is (`DropoutRNNCell` and the cells' `call` of Keras 3.15.1).
struct CellDropoutTests {
  private func variables(_ gates: Int, bias: [Int]? = nil) -> [String: LayerTrial.Array] {
    [
      "kernel": wave([3, 2 * gates], seed: 1), "recurrent_kernel": wave([2, 2 * gates], seed: 2),
      "bias": wave(bias ?? [2 * gates], seed: 3),
    ]
  }

  private static let both = #""dropout": 0.4, "recurrent_dropout": 0.3"#

  /// The same is dropped on both ways, and by any lane.
  @Test(arguments: [
    ("LSTM", 4, #"{"units": 2, "return_sequences": true, \#(both)}"#),
    ("LSTM", 4, #"{"units": 2, "dropout": 0.4}"#),
    ("LSTM", 4, #"{"units": 2, "dropout": 0.4, "implementation": 1}"#),
    ("GRU", 3, #"{"units": 2, "reset_after": false, \#(both)}"#),
    ("SimpleRNN", 1, #"{"units": 2, \#(both)}"#),
  ])
  func gradientsOfWhatIsLeft(className: String, gates: Int, config: String) throws {
    var test = GradientTrial(
      trial: LayerTrial(className: className, config: config, variables: variables(gates)))
    let x = wave([4, 3, 3])
    let worst = try test.worst([x])
    #expect(worst.share < 3e-3, "\(worst.at)")
    let outputs = try test.gradients([x]).outputs
    test.lanes = 3
    #expect(try test.gradients([x]).outputs == outputs)
    test.trains = false
    let predicted = try test.gradients([x]).outputs
    #expect(agree(predicted[0], try test.trial.output(x).values) && predicted != outputs)
    #expect(try test.worst([x]).share < 3e-3)
  }

  @Test func resetAfterTheProduct() throws {
    let worst = try GradientTrial(
      trial: LayerTrial(
        className: "GRU", config: #"{"units": 2, \#(Self.both)}"#,
        variables: variables(3, bias: [2, 6]))
    ).worst([wave([4, 3, 3])])
    #expect(worst.share < 3e-3, "\(worst.at)")
  }

  @Test func convolutions() throws {
    let worst = try GradientTrial(
      trial: LayerTrial(
        className: "ConvLSTM1D",
        config: #"{"filters": 1, "kernel_size": [2], "padding": "same", \#(Self.both)}"#,
        variables: [
          "kernel": wave([2, 2, 4], seed: 1), "recurrent_kernel": wave([2, 1, 4], seed: 2),
          "bias": wave([4], seed: 3),
        ])
    ).worst([wave([2, 2, 3, 2])])
    #expect(worst.share < 3e-3, "\(worst.at)")
  }

  /// With a kernel of one and nothing else, the layer gives its input as far as it is not dropped:
  /// the same parts in every step, others in every row, and what is left grows by 1/(1 − rate).
  @Test func inputsAreDroppedAlikeInAllSteps() throws {
    let units = 32
    let one = (0..<units * units).map { Float($0 % (units + 1) == 0 ? 1 : 0) }
    let test = GradientTrial(
      trial: LayerTrial(
        className: "SimpleRNN",
        config:
          #"{"units": 32, "activation": "linear", "use_bias": false, "return_sequences": true, "dropout": 0.25}"#,
        variables: [
          "kernel": ([units, units], one),
          "recurrent_kernel": ([units, units], [Float](repeating: 0, count: units * units)),
        ]))
    let y = try test.gradients([([2, 3, units], [Float](repeating: 3, count: 6 * units))])
      .outputs[0]
    let steps = (0..<6).map { Array(y[$0 * units..<($0 + 1) * units]) }
    #expect(steps[0] == steps[1] && steps[0] == steps[2])
    #expect(steps[3] == steps[4] && steps[3] == steps[5] && steps[0] != steps[3])
    #expect(Set(y) == [0, 4])
    #expect((4...12).contains(steps[0].count { $0 == 0 }))
  }

  /// The same of the state, which is dropped anew from what is left in every step.
  @Test func statesAreDroppedAlikeInAllSteps() throws {
    let units = 32
    let one = (0..<units * units).map { Float($0 % (units + 1) == 0 ? 1 : 0) }
    var test = GradientTrial(
      trial: LayerTrial(
        className: "SimpleRNN",
        config:
          #"{"units": 32, "activation": "linear", "use_bias": false, "return_sequences": true, "recurrent_dropout": 0.5}"#,
        variables: [
          "kernel": ([1, units], [Float](repeating: 0, count: units)),
          "recurrent_kernel": ([units, units], one),
        ]))
    test.trial.arguments = [.value(0)]
    test.trial.keywords = [("initial_state", .list([.value(1)]))]
    let y = try test.gradients([
      wave([1, 2, 1]), ([1, units], [Float](repeating: 1, count: units)),
    ]).outputs[0]
    #expect(Set(y.prefix(units)) == [0, 2])
    #expect(y.suffix(units).map { $0 / 2 } == Array(y.prefix(units)))
  }

  /// How many masks there are of the input and of the state.
  @Test(arguments: [
    ("LSTM", #"{"units": 2, "dropout": 0.5}"#, 1, 0),
    ("LSTM", #"{"units": 2, "recurrent_dropout": 0.5}"#, 0, 4),
    ("LSTM", #"{"units": 2, "dropout": 0.5, "recurrent_dropout": 0.5}"#, 4, 4),
    ("LSTM", #"{"units": 2, "dropout": 0.5, "implementation": 1}"#, 4, 0),
    ("LSTM", #"{"units": 2, "dropout": 1.0, "recurrent_dropout": 1.0}"#, 0, 0),
  ])
  func masksOfGates(className: String, config: String, inputs: Int, states: Int) throws {
    let trial = LayerTrial(className: className, config: config, variables: variables(4))
    let layer = try #require(try trial.layer() as? RecurrentLayer<LSTM>)
    #expect(layer.cell.dropout.inputMasks == inputs)
    #expect(layer.cell.dropout.stateMasks == states)
  }

  @Test func sharesThatAreNoneAreRefused() {
    let trial = LayerTrial(
      className: "LSTM", config: #"{"units": 2, "dropout": 1.5}"#, variables: variables(4))
    #expect(throws: LayerFault.self) { _ = try trial.layer() }
  }
}
