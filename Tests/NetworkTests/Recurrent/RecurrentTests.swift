import Keras
import Testing

@testable import Network

/// Expected numbers are Keras 3.15.1's on TensorFlow, on `sin(arange(12))` as two rows of three steps,
/// with variable `i` (kernel, recurrent kernel, bias) set to the same from `i + 1` on.
struct RecurrentTests {
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

  private func check(_ y: LayerTrial.Array, _ shape: [Int], _ expected: [Float]) {
    #expect(y.shape == shape)
    #expect(agree(y.values, expected), "\(y.values)")
  }

  /// What goes backwards gives its steps in the order in which it takes them.
  @Test func backwards() throws {
    let layer = trial(
      "SimpleRNN",
      #"{"units": 2, "activation": "relu", "go_backwards": true, "return_sequences": true}"#,
      gates: 1)
    check(
      try layer.output(x), [2, 3, 2],
      [0, 0, 0.9261823, 0, 1.102044, 0, 0, 0, 1.031794, 0, 0.936922, 0])
  }

  /// A masked step repeats the output before it, which is zero at first, and the states stay.
  @Test func maskedStepsKeepTheState() throws {
    var layer = trial(
      "LSTM", #"{"units": 2, "return_sequences": true, "return_state": true}"#, gates: 4)
    layer.masks = [mask]
    let y = try layer.outputs([x])
    // Output, two states, and the mask that goes on with the output.
    #expect(y.count == 4)
    check(
      y[0], [2, 3, 2],
      [
        0, 0, -0.08355975, 0.1948603, -0.08355975, 0.1948603, 0.2797565, 0.05020214, 0.2797565,
        0.05020214, 0.1695269, 0.07367403,
      ])
    check(y[1], [2, 2], [-0.08355975, 0.1948603, 0.1695269, 0.07367403])
    check(y[2], [2, 2], [-0.1118022, 0.3507848, 0.4309337, 0.2301229])
    #expect(y[3].values == mask.values)
  }

  @Test func maskedStepsBecomeZeroWhereTold() throws {
    var layer = trial(
      "LSTM", #"{"units": 2, "return_sequences": true, "zero_output_for_mask": true}"#, gates: 4)
    layer.masks = [mask]
    check(
      try layer.outputs([x])[0], [2, 3, 2],
      [0, 0, -0.08355975, 0.1948603, 0, 0, 0.2797565, 0.05020214, 0, 0, 0.1695269, 0.07367403])
  }

  @Test func gatesOfOtherActivationsWithoutBias() throws {
    check(
      try trial("LSTM", #"{"units": 2, "use_bias": false, "activation": "softmax"}"#, gates: 4)
        .output(x), [2, 2], [0.1353554, 0.1740423, 0.1473224, 0.2011931])
  }

  @Test func resetAfterTheProduct() throws {
    check(
      try trial("GRU", #"{"units": 2}"#, gates: 3, bias: [2, 6]).output(x), [2, 2],
      [0.5193632, 0.9508799, 0.5054536, 0.9426372])
  }

  @Test func resetBeforeTheProduct() throws {
    check(
      try trial(
        "GRU", #"{"units": 2, "reset_after": false, "recurrent_activation": "hard_sigmoid"}"#,
        gates: 3
      ).output(x), [2, 2], [0.5749242, 0.8772294, 0.5646402, 0.8603916])
  }

  /// In Keras 3 the mask that comes with a sequence does not count beside initial states; in Keras 2
  /// it does.
  @Test(arguments: [KerasAge.two, .three])
  func initialStates(age: KerasAge) throws {
    var layer = trial("LSTM", #"{"units": 2, "recurrent_activation": "sigmoid"}"#, gates: 4)
    layer.age = age
    layer.masks = [mask]
    layer.arguments = [.value(0)]
    layer.keywords = [("initial_state", .list([.value(1), .value(2)]))]
    check(
      try layer.outputs([x, wave([2, 2], seed: 7), wave([2, 2], seed: 8)])[0], [2, 2],
      age == .three
        ? [0.05794605, 0.08601642, 0.05987724, 0.09040274]
        : [0.3968282, 0.1443479, 0.1322264, 0.03733808])
  }

  @Test func productsThatAreConvolutions() throws {
    let layer = LayerTrial(
      className: "ConvLSTM1D", config: #"{"filters": 2, "kernel_size": [2], "padding": "same"}"#,
      variables: [
        "kernel": wave([2, 1, 8], seed: 1), "recurrent_kernel": wave([2, 2, 8], seed: 2),
        "bias": wave([8], seed: 3),
      ])
    check(
      try layer.output(wave([1, 2, 3, 1])), [1, 3, 2],
      [0.1171764, 0.1100102, 0.1252988, 0.09538156, 0.09670866, 0.04869704])
  }

  @Test func whatDoesNotFitIsRefused() {
    func kind(_ body: () throws -> Void) -> LayerFault.Kind? {
      do { try body() } catch let fault as LayerFault { return fault.kind } catch {}
      return nil
    }
    var lstm = trial("LSTM", #"{"units": 2}"#, gates: 4)
    lstm.age = .two
    #expect(kind { _ = try lstm.output(wave([2, 3, 3])) } == .bad)
    #expect(kind { _ = try lstm.output(wave([2, 2])) } == .bad)
    #expect(kind { _ = try lstm.outputs([x, wave([2, 2])]) } == .bad)
    #expect(kind { _ = try lstm.outputs([x, wave([2, 3]), wave([2, 3])]) } == .bad)
    #expect(
      kind { _ = try trial("LSTM", #"{"units": 3}"#, gates: 4).output(x) } == .weight)
    #expect(
      kind { _ = try trial("LSTM", #"{"units": 2, "time_major": true}"#, gates: 4).output(x) }
        == .unsupported)
    #expect(
      kind { _ = try trial("GRU", #"{"units": 2}"#, gates: 3).output(x) } == .weight)
  }
}
